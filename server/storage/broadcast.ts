/** The doorbell between processes that hold one room: "read on". Carries no data, may be lost (a poll repairs it). */
export interface Broadcast {
  ring(room: string, seq: number): void;
  subscribe(listener: (room: string, seq: number) => void): () => void;
  close(): Promise<void>;
}
