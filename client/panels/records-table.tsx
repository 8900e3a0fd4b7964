import { Button, Modal } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { type ClipboardEvent, useMemo, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import {
  describeRow,
  faultOf,
  proposedCells,
  type RecordCells,
  type RecordColumn,
  type RecordRow,
  readPastedCells,
  recordColumns,
  saidCells,
} from "#client/state/record-cells.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { ProjectRecordsShape } from "#core/protocol/api/records.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import { RecordCell } from "./record-cell.tsx";
import styles from "./records-table.module.css";

const widths: Partial<Record<RecordColumn, "narrow" | "wide">> = {
  ...{ order: "narrow", cycle: "narrow", elapsed: "narrow" },
  ...{ label: "wide", conditions: "wide", clockTime: "wide" },
};

type Drafts = ReadonlyMap<string, Partial<Record<RecordColumn, string>>>;

/** Specimen, session, series and state of many micrographs at once. What is proposed stays a proposal until it is taken. */
export default function RecordsTable(props: {
  readonly gallery: Gallery;
  readonly close: () => void;
  readonly saved: () => void;
}) {
  const { gallery } = props;
  const records = useResource(`records ${gallery.project.id}`, () =>
    endpoints.projectRecords(gallery.project.id),
  );
  return (
    <Modal
      opened
      onClose={props.close}
      fullScreen
      title={`What the micrographs of “${gallery.project.name}” show`}
      classNames={{ body: styles.body ?? "", content: styles.content ?? "" }}
    >
      {records.error && !records.value && <p className={styles.failure}>{sentenceOf(records.error)}</p>}
      {records.value && <Table {...props} records={records.value} />}
    </Modal>
  );
}

function Table(props: {
  readonly gallery: Gallery;
  readonly records: ProjectRecordsShape;
  readonly close: () => void;
  readonly saved: () => void;
}) {
  const { gallery, records, close, saved } = props;
  const rows = useMemo(
    () => records.rows.toSorted((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true })),
    [records],
  );
  const said = useMemo(
    () => new Map(rows.map((row) => [row.micrographId, saidCells(row, records, gallery.series)])),
    [rows, records, gallery.series],
  );
  const proposed = useMemo(
    () => new Map(rows.map((row) => [row.micrographId, row.describedBy === null ? proposedCells(row) : {}])),
    [rows],
  );
  const [drafts, setDrafts] = useState<Drafts>(new Map());
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [saving, setSaving] = useState(false);
  const cellsOf = (id: string): RecordCells => ({ ...said.get(id)!, ...drafts.get(id) });

  const write = (changes: readonly (readonly [id: string, column: RecordColumn, text: string])[]) =>
    setDrafts((before) => {
      const after = new Map(before);
      for (const [id, column, text] of changes) after.set(id, { ...after.get(id), [column]: text });
      return after;
    });
  const edit = (id: string, column: RecordColumn, text: string) => {
    const targets = selected.has(id) ? [...selected] : [id];
    write(targets.map((target) => [target, column, text] as const));
  };
  const takeProposals = (ids: Iterable<string>) =>
    write(
      [...ids].flatMap((id) =>
        Object.entries(proposed.get(id) ?? {})
          .filter(([column]) => cellsOf(id)[column as RecordColumn] === "")
          .map(([column, { text }]) => [id, column as RecordColumn, text] as const),
      ),
    );
  const paste = (at: number, column: RecordColumn, event: ClipboardEvent) => {
    const block = readPastedCells(event.clipboardData.getData("text/plain"));
    if (block.length === 1 && block[0]!.length === 1) return;
    event.preventDefault();
    const first = recordColumns.findIndex(({ id }) => id === column);
    write(
      block.flatMap((line, i) =>
        line.flatMap((text, j) => {
          const [row, to] = [rows[at + i], recordColumns[first + j]];
          return row && to ? [[row.micrographId, to.id, text] as const] : [];
        }),
      ),
    );
  };

  const changed = rows.flatMap(
    (row, at) => describeRow(row, said.get(row.micrographId)!, cellsOf(row.micrographId), at + 1) ?? [],
  );
  const faulty = rows.filter(({ micrographId }) =>
    recordColumns.some(({ id }) => faultOf(id, cellsOf(micrographId)[id]) !== null),
  ).length;
  const open = rows.filter((row) => Object.keys(proposed.get(row.micrographId)!).length > 0);
  const chosen = selected.size > 0 ? open.filter(({ micrographId }) => selected.has(micrographId)) : open;
  const save = async () => {
    setSaving(true);
    try {
      await endpoints.describe(gallery.project.id, { type: "describe", rows: changed });
      toast(`${changed.length} ${changed.length === 1 ? "micrograph is" : "micrographs are"} described.`);
      saved();
      close();
    } catch (error) {
      toast(sentenceOf(error), "danger");
      setSaving(false);
    }
  };
  const dismiss = async () => {
    try {
      const left = chosen.map(({ micrographId }) => ({ micrographId, settled: true }));
      await endpoints.describe(gallery.project.id, { type: "describe", rows: left });
      saved();
      close();
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
  };

  return (
    <>
      <div className={styles.bar}>
        <p className="dim small">
          Paste from a spreadsheet into any cell. With rows ticked, what you type goes into all of them. Empty
          means unknown; nothing is filled in for you.
        </p>
        {chosen.length > 0 && (
          <>
            <Button size="xs" variant="subtle" color="gray" onClick={() => void dismiss()}>
              Dismiss proposals
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconSparkles size={15} />}
              onClick={() => takeProposals(chosen.map(({ micrographId }) => micrographId))}
            >
              Take the proposals of {chosen.length}
            </Button>
          </>
        )}
      </div>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th className={styles.corner}>
                <label>
                  <input
                    type="checkbox"
                    checked={selected.size > 0 && selected.size === rows.length}
                    onChange={(event) =>
                      setSelected(
                        new Set(
                          event.currentTarget.checked ? rows.map(({ micrographId }) => micrographId) : [],
                        ),
                      )
                    }
                  />
                  Micrograph
                </label>
              </th>
              {recordColumns.map(({ id, label }) => (
                <th key={id} className={styles.column}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <Row
                key={row.micrographId}
                row={row}
                cells={cellsOf(row.micrographId)}
                touched={drafts.get(row.micrographId) ?? {}}
                proposed={proposed.get(row.micrographId)!}
                place={at + 1}
                selected={selected.has(row.micrographId)}
                select={(on) =>
                  setSelected((before) => {
                    const after = new Set(before);
                    if (on) after.add(row.micrographId);
                    else after.delete(row.micrographId);
                    return after;
                  })
                }
                thumbnail={gallery.micrographs.find(({ id }) => id === row.micrographId)?.thumbnail ?? null}
                edit={(column, text) => edit(row.micrographId, column, text)}
                paste={(column, event) => paste(at, column, event)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <footer className={styles.foot}>
        <span className="dim small numbers" aria-live="polite">
          {faulty > 0
            ? `${faulty} ${faulty === 1 ? "row has a cell" : "rows have cells"} that cannot be read`
            : changed.length === 0
              ? "Nothing is changed yet"
              : `${changed.length} of ${rows.length} changed`}
        </span>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button loading={saving} disabled={changed.length === 0 || faulty > 0} onClick={() => void save()}>
          Confirm {changed.length > 0 ? changed.length : ""}
        </Button>
      </footer>
    </>
  );
}

function Row(props: {
  readonly row: RecordRow;
  readonly cells: RecordCells;
  readonly touched: Partial<Record<RecordColumn, string>>;
  readonly proposed: ReturnType<typeof proposedCells>;
  readonly place: number;
  readonly selected: boolean;
  readonly select: (on: boolean) => void;
  readonly thumbnail: string | null;
  readonly edit: (column: RecordColumn, text: string) => void;
  readonly paste: (column: RecordColumn, event: ClipboardEvent) => void;
}) {
  const { row, cells, touched, proposed, place, selected, thumbnail } = props;
  const folder = row.path.includes("/") ? row.path.slice(0, row.path.lastIndexOf("/")) : "";
  return (
    <tr data-selected={selected}>
      <th scope="row" className={styles.name}>
        <span className={styles.picture}>
          <input
            type="checkbox"
            aria-label={`Choose ${row.name}`}
            checked={selected}
            onChange={(event) => props.select(event.currentTarget.checked)}
          />
          {thumbnail && <img src={thumbnail} alt="" loading="lazy" />}
          <span className={styles.words} title={row.path}>
            <span className="ellipsis">{row.name}</span>
            {folder && <span className="dim ellipsis">{folder}</span>}
          </span>
        </span>
      </th>
      {recordColumns.map(({ id, label, hint }) => {
        const proposal = cells[id] === "" && touched[id] === undefined ? proposed[id] : undefined;
        return (
          <td key={id}>
            <RecordCell
              column={id}
              label={`${label} of ${row.name}`}
              className={styles[widths[id] ?? "plain"]}
              text={cells[id]}
              proposal={proposal}
              changed={touched[id] !== undefined}
              placeholder={id === "order" && cells.label ? String(place) : hint}
              edit={(text) => props.edit(id, text)}
              paste={(event) => props.paste(id, event)}
            />
          </td>
        );
      })}
    </tr>
  );
}
