import { Tooltip } from "@mantine/core";
import type { ClipboardEvent } from "react";
import { faultOf, type RecordColumn, recordColumns } from "#client/state/record-cells.ts";
import styles from "./record-cell.module.css";

/** One field of a record. What is proposed stands in it in italics and is taken with a click; it is not said until then. */
export function RecordCell(props: {
  readonly column: RecordColumn;
  /** "Specimen of wire-3_15min" */
  readonly label: string;
  readonly text: string;
  readonly proposal?: { readonly text: string; readonly from: string } | undefined;
  readonly changed?: boolean;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly className?: string | undefined;
  readonly edit: (text: string) => void;
  readonly paste?: (event: ClipboardEvent) => void;
  readonly leave?: () => void;
}) {
  const { column, text, proposal, changed = false, disabled = false } = props;
  const fault = faultOf(column, text);
  const hint = recordColumns.find(({ id }) => id === column)!.hint;
  return (
    <Tooltip
      label={fault ?? (proposal ? `Proposed ${proposal.from}. Click to take it.` : "")}
      disabled={!fault && !proposal}
      openDelay={300}
      multiline
      maw={320}
    >
      <input
        className={`${styles.cell} ${props.className ?? ""}`}
        aria-label={props.label}
        aria-description={proposal && `Proposed: ${proposal.text}, ${proposal.from}`}
        aria-invalid={fault !== null}
        data-proposed={proposal !== undefined}
        data-changed={changed}
        disabled={disabled}
        value={text}
        placeholder={proposal?.text ?? props.placeholder ?? hint}
        onChange={(event) => props.edit(event.currentTarget.value)}
        onClick={() => proposal && !disabled && props.edit(proposal.text)}
        onPaste={props.paste}
        onBlur={props.leave}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
    </Tooltip>
  );
}
