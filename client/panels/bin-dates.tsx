import { readableTime } from "./readable-length.ts";

const dayMs = 86_400_000;

/** Who deleted something, when, and how long it can still be brought back. */
export function BinDates(props: {
  readonly binned: { readonly deletedAt: string; readonly deletedBy: string; readonly erasedAt: string };
}) {
  const { deletedAt, deletedBy, erasedAt } = props.binned;
  const days = Math.max(0, Math.ceil((Date.parse(erasedAt) - Date.now()) / dayMs));
  return (
    <>
      deleted {readableTime(deletedAt)} by {deletedBy} · erased in {days} {days === 1 ? "day" : "days"}
    </>
  );
}
