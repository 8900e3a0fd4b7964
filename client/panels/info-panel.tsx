import { Button, TextInput } from "@mantine/core";
import { IconDownload, IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useResource } from "#client/state/use-resource.ts";
import { CalibrationForm } from "./calibration-form.tsx";
import panel from "./panel.module.css";
import { fieldOfView, readableTime } from "./readable-length.ts";
import { flattenTags, searchTags } from "./vendor-tags.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const RecordsSection = lazyPart(() => import("./records-section.tsx"));
const SameGrid = lazyPart(() => import("./same-grid.tsx"));
const AttachmentsSection = lazyPart(() => import("./attachments-section.tsx"));
const OriginalInPlace = lazyPart(() => import("./original-in-place.tsx"));
const CalibrationVersions = lazyPart(() => import("./calibration-versions.tsx"));

/** What is known about the picture and who says so: acquisition with its sources, calibration, every vendor tag. */
export function InfoPanel() {
  const { micrograph, project } = useWorkspace();
  const download = useRight("download-originals");
  const acquisition = Object.entries(micrograph.acquisition);
  const people = useResource(`members ${project.id}`, () => endpoints.members(project.id));
  const addedBy = people.value?.find(({ principal }) => principal.id === micrograph.createdBy)?.principal
    .name;
  return (
    <div className={panel.panel}>
      <dl className={`${panel.facts} numbers`}>
        <dt>File</dt>
        <dd>{micrograph.name}</dd>
        <dt>Field of view</dt>
        <dd>{fieldOfView(micrograph)}</dd>
        <dt>Pixels</dt>
        <dd>
          {micrograph.width} × {micrograph.height}, {micrograph.dtype}
          {micrograph.frames > 1 && `, ${micrograph.frames} frames`}
        </dd>
        <dt>Added</dt>
        <dd>
          {readableTime(micrograph.createdAt)}
          {addedBy && ` by ${addedBy}`}
        </dd>
      </dl>
      <OriginalInPlace />
      {micrograph.warnings.map((warning) => (
        <div key={warning} className={panel.warning}>
          {warning}
        </div>
      ))}
      {download.allowed && (
        <div className={panel.row}>
          <Button
            component="a"
            href={`/api/v1/sources/${micrograph.sourceId}/original`}
            download
            size="xs"
            variant="default"
            leftSection={<IconDownload size={15} />}
          >
            Download the original file
          </Button>
        </div>
      )}
      <SameGrid />
      <RecordsSection />
      <section className={panel.section} id="calibration">
        <h3 className={panel.heading}>Calibration</h3>
        <CalibrationForm />
        <CalibrationVersions />
      </section>
      <section className={panel.section}>
        <h3 className={panel.heading}>Acquisition</h3>
        {acquisition.length === 0 ? (
          <p className="dim small">The file says nothing about how it was taken.</p>
        ) : (
          <dl className={`${panel.facts} numbers`}>
            {acquisition.map(([key, { value, source }]) => (
              <div key={key} style={{ display: "contents" }}>
                <dt>{acquisitionWords(key)}</dt>
                <dd>
                  {typeof value === "number" ? Number(value.toPrecision(6)) : value}
                  <small>{source.kind === "tag" ? source.path : "typed by a person"}</small>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </section>
      <AttachmentsSection />
      <Tags />
    </div>
  );
}

function Tags() {
  const { micrograph } = useWorkspace();
  const [query, setQuery] = useState("");
  const tags = useResource(`tags ${micrograph.id}`, () => endpoints.tags(micrograph.id));
  const all = useMemo(() => flattenTags(tags.value), [tags.value]);
  const found = searchTags(all, query);
  const shown = found.slice(0, 100);
  return (
    <section className={panel.section}>
      <h3 className={panel.heading}>All tags of the file</h3>
      {tags.error ? (
        <p className="dim small">{sentenceOf(tags.error)}</p>
      ) : (
        <>
          <TextInput
            size="xs"
            placeholder={`Search ${all.length} tags`}
            aria-label="Search the tags"
            leftSection={<IconSearch size={14} />}
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
          <dl className={`${panel.facts} numbers`} style={{ gridTemplateColumns: "1fr" }}>
            {shown.map(({ path, value }) => (
              <dd key={path}>
                <small>{path}</small>
                {value}
              </dd>
            ))}
          </dl>
          {found.length > shown.length && (
            <p className="dim small numbers">{found.length - shown.length} more: search to narrow.</p>
          )}
        </>
      )}
    </section>
  );
}

/** "highTensionKv" → "high tension, kV" */
export function acquisitionWords(key: string): string {
  const units: Readonly<Record<string, string>> = {
    Kv: "kV",
    Mm: "mm",
    Nm: "nm",
    Deg: "°",
    Na: "nA",
    Us: "µs",
    S: "s",
    Mrad: "mrad",
  };
  const words = key.split(/(?=[A-Z])/);
  const unit = words.length > 1 ? units[words.at(-1)!] : undefined;
  const name = (unit ? words.slice(0, -1) : words).join(" ").toLowerCase();
  return unit ? `${name}, ${unit}` : name;
}
