import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import type { Source } from "#core/protocol/api/shapes.ts";
import styles from "./arrivals.module.css";

/** A file that gave no picture: why, and what can be done with it. `attach` null: whoever looks may not add. */
export function RefusedFile(props: {
  readonly source: Source;
  readonly attach: (() => void) | null;
  readonly changed: () => void;
}) {
  const { source, attach, changed } = props;
  const [trouble, setTrouble] = useState<string | null>(null);
  const remove = () =>
    endpoints.removeSource(source.id).then(changed, (error: unknown) => setTrouble(sentenceOf(error)));
  const belongsElsewhere = holdsNoPicture(source);
  return (
    <>
      <span className={belongsElsewhere && !trouble ? styles.note : styles.reason}>
        {trouble ?? source.reason ?? "The file could not be read."}
      </span>
      {attach && (
        <span className={styles.actions}>
          {belongsElsewhere && (
            <Button size="compact-xs" variant="default" onClick={attach}>
              Attach to …
            </Button>
          )}
          <Tooltip label="Move to the bin">
            <ActionIcon
              size="sm"
              color="gray"
              aria-label={`Move ${source.fileName} to the bin`}
              onClick={() => void remove()}
            >
              <IconTrash size={14} />
            </ActionIcon>
          </Tooltip>
        </span>
      )}
    </>
  );
}

/** A spectrum or a table is no failure: it has a place of its own. */
function holdsNoPicture({ code }: Source): boolean {
  return code === "not-a-picture" || code === "unknown-format";
}
