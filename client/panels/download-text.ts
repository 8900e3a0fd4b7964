/** Hand a text to the browser's downloads. */
export function downloadText(fileName: string, mediaType: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser has read the address by the next turn of its loop at the latest.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
