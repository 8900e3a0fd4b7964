import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconPhotoPlus, IconSearch, IconSparkles, IconTable } from "@tabler/icons-react";
import { useState } from "react";
import { PageMessage } from "#client/pages/page-message.tsx";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { endpoints } from "#client/state/endpoints.ts";
import {
  alsoSavedAs,
  filterGroups,
  type GalleryFilter,
  type GalleryGrouping,
  type GallerySort,
  groupGallery,
  searchGroups,
} from "#client/state/gallery-groups.ts";
import { useResource } from "#client/state/use-resource.ts";
import { useSettledText } from "#client/state/use-settled-text.ts";
import { contents } from "#core/micrograph/content.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import styles from "./gallery-groups.module.css";
import { MicrographCard } from "./micrograph-card.tsx";

const RecordsTable = lazyPart(() => import("./records-table.tsx"));

/** Fewer are seen at a glance. */
const searchFrom = 12;

const groupings = [
  { value: "series", label: "By series" },
  { value: "specimen", label: "By specimen" },
  { value: "session", label: "By session" },
] as const;

const orders = [
  { value: "newest", label: "Newest first" },
  { value: "name", label: "By name" },
  { value: "state", label: "By state" },
] as const;

/** Everything in a project under headings, searched, ordered, and described by people. */
export function GalleryGroups(props: {
  readonly gallery: Gallery;
  readonly mayAdd: boolean;
  readonly uploading: boolean;
  readonly refetch: () => Promise<void>;
}) {
  const { gallery, mayAdd, refetch } = props;
  const [words, setWords] = useState("");
  const [sort, setSort] = useState<GallerySort>("newest");
  const [by, setBy] = useState<GalleryGrouping>("series");
  const [filter, setFilter] = useState<GalleryFilter>("all");
  const [describing, setDescribing] = useState(false);
  const sought = useSettledText(words.trim());
  const tags = useResource(sought.length < 2 ? null : `search ${gallery.project.id} ${sought}`, () =>
    endpoints.searchTags(gallery.project.id, sought),
  );
  const groups = groupGallery(gallery, by);
  if (groups.length === 0) {
    if (props.uploading || gallery.sources.length > 0) return null;
    return <NothingYet mayAdd={mayAdd} />;
  }
  const shown = searchGroups(filterGroups(groups, filter, gallery.marks), words, sort, tags.value);
  const hasRecords = (gallery.specimens?.length ?? 0) + (gallery.sessions?.length ?? 0) > 0;
  const showBar = gallery.micrographs.length >= searchFrom || hasRecords;
  const proposed = gallery.proposedCount ?? 0;
  const describe = mayAdd && (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconTable size={15} />}
      onClick={() => setDescribing(true)}
    >
      Describe
    </Button>
  );
  return (
    <>
      {mayAdd && proposed > 0 && (
        <div className={styles.proposed}>
          <IconSparkles size={17} stroke={1.7} />
          <span>
            Folders, names and tags of {proposed} {proposed === 1 ? "micrograph" : "micrographs"} propose a
            specimen, session or state.
          </span>
          <Button size="xs" variant="default" onClick={() => setDescribing(true)}>
            Look at the proposals
          </Button>
        </div>
      )}
      {showBar && (
        <div className={styles.bar}>
          <TextInput
            size="xs"
            aria-label="Search micrographs"
            placeholder="Search names, states, tags of the files"
            leftSection={<IconSearch size={15} />}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          <Choice label="Group by" value={by} change={setBy} data={groupings} />
          <Choice label="Order" value={sort} change={setSort} data={orders} />
          <Choice label="Show" value={filter} change={setFilter} data={filtersOf(gallery)} />
          {describe}
        </div>
      )}
      {!showBar && proposed === 0 && <div className={styles.lone}>{describe}</div>}
      {shown.length === 0 && (
        <PageMessage
          title="Nothing fits"
          text={
            words.trim() === ""
              ? "No micrograph here is of the kind that is shown."
              : `No micrograph that is shown has “${words.trim()}” in its name, state, group or tags.`
          }
          action={{
            label: "Show all",
            run: () => {
              setWords("");
              setFilter("all");
            },
          }}
        />
      )}
      {shown.map((group) => (
        <section key={group.key} className={styles.group}>
          <h2>
            {group.title}
            {group.subject && <span className="dim"> · {group.subject}</span>}
            <span className={`${styles.count} numbers`}>{group.micrographs.length}</span>
          </h2>
          <ul className={styles.grid}>
            {group.micrographs.map((micrograph) => (
              <li key={micrograph.id}>
                <MicrographCard
                  micrograph={micrograph}
                  marks={gallery.marks[micrograph.id]}
                  classes={gallery.classes}
                  originalAway={gallery.originalsAway?.[micrograph.sourceId]}
                  alsoSavedAs={alsoSavedAs(gallery, micrograph.id)}
                  foundInTags={
                    sought
                      ? tags.value?.matches.find((match) => match.micrographId === micrograph.id)?.tags
                      : undefined
                  }
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {describing && (
        <RecordsTable gallery={gallery} close={() => setDescribing(false)} saved={() => void refetch()} />
      )}
    </>
  );
}

/** One of a few, in the bar over the gallery. */
function Choice<Value extends string>({
  label,
  value,
  change,
  data,
}: {
  readonly label: string;
  readonly value: Value;
  readonly change: (value: Value) => void;
  readonly data: readonly { readonly value: Value; readonly label: string }[];
}) {
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={value}
      onChange={(event) => change(event.currentTarget.value as Value)}
      data={[...data]}
    />
  );
}

/** Only contents that there are, beside what is asked everywhere. */
function filtersOf({ micrographs }: Gallery): { value: GalleryFilter; label: string }[] {
  const there = new Set(micrographs.map(({ content }) => content));
  return [
    { value: "all", label: "All micrographs" },
    { value: "uncalibrated", label: "Uncalibrated" },
    { value: "marked", label: "With marks" },
    { value: "unmarked", label: "Without marks" },
    { value: "undescribed", label: "Not described" },
    ...(there.size > 1 ? contents.filter((content) => there.has(content)) : []).map((content) => ({
      value: content,
      label: `Only ${content}`,
    })),
  ];
}

function NothingYet({ mayAdd }: { readonly mayAdd: boolean }) {
  return (
    <PageMessage
      icon={<IconPhotoPlus size={26} />}
      title={mayAdd ? "Drop micrographs here" : "No micrographs yet"}
      text={
        mayAdd
          ? "Files or whole folders, anywhere on this page: DM3, DM4, MRC, TIFF, PNG, JPEG. They open calibrated where the file says how."
          : "Whoever may add micrographs to this project has not done so yet."
      }
    />
  );
}
