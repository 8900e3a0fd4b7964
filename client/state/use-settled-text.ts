import { useEffect, useState } from "react";

const settleMs = 250;

/** What somebody typed, once they pause: a server is not asked at every key. */
export function useSettledText(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), settleMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
