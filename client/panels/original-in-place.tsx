import { endpoints } from "#client/state/endpoints.ts";
import { useResource } from "#client/state/use-resource.ts";
import panel from "./panel.module.css";
import { readableTime } from "./readable-length.ts";
import { useWorkspace } from "./workspace-context.ts";

/** Where the original is that was not copied, and whether it is still what it was. Nothing for those that are kept here. */
export default function OriginalInPlace() {
  const { micrograph } = useWorkspace();
  const source = useResource(`source ${micrograph.sourceId}`, () => endpoints.source(micrograph.sourceId));
  const place = source.value?.place;
  if (!place) return null;
  if (place.state === "present") {
    return (
      <p className="dim small">
        The original stays where it is and was there, unchanged, {readableTime(place.checkedAt)}.
        {place.path && <code style={{ display: "block", overflowWrap: "anywhere" }}>{place.path}</code>}
      </p>
    );
  }
  return (
    <div className={panel.warning} role="status">
      <span>
        {place.state === "missing"
          ? "The original was left in place and is not there any more. What was made from it stays; further frames and the file itself are not to be had until it is back."
          : "The original was left in place and has changed since it was read. What was made from it stays and shows the former file; nothing more is made from it."}
        {place.path && <code style={{ display: "block", overflowWrap: "anywhere" }}>{place.path}</code>}
      </span>
    </div>
  );
}
