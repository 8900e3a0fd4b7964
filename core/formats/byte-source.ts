/** Random access to the bytes of a file, wherever it lies: a file descriptor, a Blob, a buffer. */
export interface ByteSource {
  readonly size: number;
  /**
   * @returns exactly `length` bytes from `offset`
   * @throws FormatError "truncated" when the file ends before `offset + length`
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}
