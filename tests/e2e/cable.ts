import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A network cable between a browser and the server, which can be unplugged: open connections end, new ones are refused.
 * It can also be bad in the ways that no socket notices: late, or cut somewhere further away.
 */
export class Cable {
  /** What comes from the server arrives so much later. */
  delayMs = 0;
  /** Every connection ends once so many bytes have gone from the near end to the server. */
  cutAfterBytes = Number.POSITIVE_INFINITY;
  /** How many connections have been opened through it. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #plugged = true;
  /** Nothing passes, in either direction, and nobody is told. */
  #swallows = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port where the server listens, asked anew for each connection */
  static async plug(port: () => number): Promise<Cable> {
    const server = createServer();
    const cable = new Cable(server);
    server.on("connection", (near) => {
      if (!cable.#plugged) {
        near.destroy();
        return;
      }
      cable.connections++;
      const far = connect(port(), "127.0.0.1");
      for (const socket of [near, far]) {
        cable.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          cable.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      let sentBytes = 0;
      near.on("data", (bytes: Buffer) => {
        if (cable.#swallows) return;
        const allowed = bytes.subarray(0, Math.max(0, cable.cutAfterBytes - sentBytes));
        sentBytes += allowed.length;
        far.write(allowed);
        if (sentBytes >= cable.cutAfterBytes) near.destroy();
      });
      far.on("data", (bytes: Buffer) => {
        const deliver = () => void (!cable.#swallows && near.writable && near.write(bytes));
        if (cable.delayMs > 0) setTimeout(deliver, cable.delayMs);
        else deliver();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return cable;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  unplug(): void {
    this.#plugged = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  replug(): void {
    this.#plugged = true;
  }

  /** Cut somewhere further away: what is open stays open and dead, and so does what is opened. */
  swallow(): void {
    this.#swallows = true;
  }

  /** Whoever connects anew gets through; a connection in which bytes were lost is no use to anybody, and ends. */
  mend(): void {
    this.#swallows = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async remove(): Promise<void> {
    this.unplug();
    this.#server.close();
    await once(this.#server, "close");
  }
}
