import { Button, NativeSelect } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { Link } from "#client/pages/link.tsx";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import {
  describeRow,
  faultOf,
  proposedCells,
  type RecordCells,
  type RecordColumn,
  recordColumns,
  saidCells,
} from "#client/state/record-cells.ts";
import { addressOfMicrograph } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import { contents } from "#core/micrograph/content.ts";
import type { ProjectRecordsShape, RecordsCommand } from "#core/protocol/api/records.ts";
import panel from "./panel.module.css";
import { readableTime } from "./readable-length.ts";
import { RecordCell } from "./record-cell.tsx";
import styles from "./records-section.module.css";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** What people say this micrograph shows, what is proposed, and other files of the same picture. */
export default function RecordsSection() {
  const { micrograph, project } = useWorkspace();
  const records = useResource(`record ${micrograph.id}`, () =>
    endpoints.projectRecords(project.id, micrograph.id),
  );
  return (
    <>
      <section className={panel.section}>
        <h3 className={panel.heading}>Specimen, session, state</h3>
        {records.error && !records.value && <p className="dim small">{sentenceOf(records.error)}</p>}
        {records.value && <Fields key={micrograph.id} records={records.value} refetch={records.refetch} />}
      </section>
      <SamePicture />
    </>
  );
}

function useCommand(after: () => Promise<void>): (command: RecordsCommand) => Promise<boolean> {
  const { project } = useWorkspace();
  return async (command) => {
    try {
      await endpoints.describe(project.id, command);
      await after();
      return true;
    } catch (error) {
      toast(sentenceOf(error), "danger");
      return false;
    }
  };
}

function Fields(props: { readonly records: ProjectRecordsShape; readonly refetch: () => Promise<void> }) {
  const { records, refetch } = props;
  const { micrograph, project, gallery, refetchMicrograph } = useWorkspace();
  const annotate = useRight("annotate");
  const people = useResource(`members ${project.id}`, () => endpoints.members(project.id));
  const row = records.rows.find(({ micrographId }) => micrographId === micrograph.id);
  const said = useMemo(() => row && saidCells(row, records, gallery.series), [row, records, gallery.series]);
  const proposed = useMemo(() => (row && row.describedBy === null ? proposedCells(row) : {}), [row]);
  const [drafts, setDrafts] = useState<Partial<Record<RecordColumn, string>>>({});
  const send = useCommand(async () => {
    await Promise.all([refetch(), refetchMicrograph()]);
    setDrafts({});
  });
  if (!row || !said) return null;
  const cells: RecordCells = { ...said, ...drafts };
  const describedBy = people.value?.find(({ principal }) => principal.id === row.describedBy)?.principal.name;
  const open = recordColumns.filter(({ id }) => proposed[id] !== undefined && cells[id] === "");

  const save = async (now: RecordCells) => {
    if (recordColumns.some(({ id }) => faultOf(id, now[id]) !== null)) return;
    const change = describeRow(row, said, now, row.state?.order ?? 0);
    if (!change) return setDrafts({});
    // What is left of the proposals stays one until it is taken or dismissed.
    const settled = recordColumns.every(({ id }) => proposed[id] === undefined || now[id] !== "");
    await send({ type: "describe", rows: [{ ...change, settled }] });
  };
  const takeAll = () => {
    const taken = Object.fromEntries(open.map(({ id }) => [id, proposed[id]!.text]));
    void save({ ...cells, ...taken });
  };
  const dismiss = () =>
    void send({ type: "describe", rows: [{ micrographId: micrograph.id, settled: true }] });

  return (
    <>
      {open.length > 0 && annotate.allowed && (
        <div className={styles.proposed}>
          <IconSparkles size={15} stroke={1.7} />
          <span>{open.length === 1 ? "One field is" : `${open.length} fields are`} proposed</span>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={dismiss}>
            Dismiss
          </Button>
          <Button size="compact-xs" variant="default" onClick={takeAll}>
            Take all
          </Button>
        </div>
      )}
      <div className={styles.fields}>
        {recordColumns.map(({ id, label, hint }) => (
          <div key={id} className={styles.field}>
            <span aria-hidden>{label}</span>
            <RecordCell
              column={id}
              label={label}
              text={cells[id]}
              proposal={cells[id] === "" && drafts[id] === undefined ? proposed[id] : undefined}
              changed={drafts[id] !== undefined && drafts[id] !== said[id]}
              placeholder={annotate.allowed ? hint : ""}
              disabled={!annotate.allowed}
              className={styles.cell}
              edit={(text) => setDrafts((before) => ({ ...before, [id]: text }))}
              leave={() => void save(cells)}
            />
          </div>
        ))}
      </div>
      {row.describedAt && (
        <p className="dim small">
          Described {readableTime(row.describedAt)}
          {describedBy && ` by ${describedBy}`}
        </p>
      )}
      <NativeSelect
        size="xs"
        label="Content"
        description="A schematic or plot without a scale is not to scale"
        disabled={!annotate.allowed}
        value={micrograph.content}
        data={[...contents]}
        onChange={(event) =>
          void send({
            type: "set-content",
            micrographIds: [micrograph.id],
            content: event.currentTarget.value as (typeof contents)[number],
          })
        }
      />
    </>
  );
}

/** Other files of this picture; a person can say that it is none of them, or that another is one, too. */
function SamePicture() {
  const { micrograph, gallery, refetchMicrograph } = useWorkspace();
  const annotate = useRight("annotate");
  const send = useCommand(refetchMicrograph);
  const nameOf = (id: string) => gallery.micrographs.find((one) => one.id === id)?.name ?? "a micrograph";
  const group = gallery.pictures?.find(
    ({ leadId, others }) =>
      leadId === micrograph.id || others.some(({ micrographId }) => micrographId === micrograph.id),
  );
  const members = group ? [group.leadId, ...group.others.map(({ micrographId }) => micrographId)] : [];
  const others = members.filter((id) => id !== micrograph.id);
  if (others.length === 0 && !annotate.allowed) return null;
  const choices = gallery.micrographs.filter(({ id }) => id !== micrograph.id && !others.includes(id));
  return (
    <section className={panel.section}>
      <h3 className={panel.heading}>The same picture</h3>
      {group && (
        <>
          <ul className={styles.files}>
            {others.map((id) => (
              <li key={id}>
                <Link href={addressOfMicrograph(id)}>{nameOf(id)}</Link>
                {id === group.leadId && <span className="dim small">leads: it holds the most</span>}
              </li>
            ))}
          </ul>
          <p className="dim small">
            {group.decidedBy === "pixels" ? "Found by their pixels." : "Put together by a person."}
            {group.leadId === micrograph.id && " This file leads: it holds the most."}
          </p>
        </>
      )}
      {annotate.allowed && (
        <div className={panel.row}>
          {group && (
            <Button
              size="xs"
              variant="default"
              onClick={() => void send({ type: "other-picture", micrographId: micrograph.id })}
            >
              This is another picture
            </Button>
          )}
          {choices.length > 0 && (
            <NativeSelect
              size="xs"
              aria-label="Also saved as"
              value=""
              onChange={(event) =>
                void send({ type: "same-picture", micrographIds: [micrograph.id, event.currentTarget.value] })
              }
              data={[
                { value: "", label: "Also saved as …" },
                ...choices.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          )}
        </div>
      )}
    </section>
  );
}
