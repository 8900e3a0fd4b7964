import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A network cable between a browser and the server, which can be unplugged: open connections end, new ones are refused. */
export class Cable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #plugged = true;

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
      near.pipe(far).pipe(near);
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

  async remove(): Promise<void> {
    this.unplug();
    this.#server.close();
    await once(this.#server, "close");
  }
}
