import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { DecideSuggestions, SuggestionShape } from "#core/protocol/api/suggestions.ts";
import styles from "./suggestions-section.module.css";
import { useRight, useWorkspace } from "./workspace-context.ts";

const shownAtMost = 50;

const kindWords: Readonly<Record<SuggestionShape["kind"], string>> = {
  ...{ "measurement-line": "line", arrow: "arrow", region: "region", text: "text", point: "point" },
  "interface-trace": "polyline",
};

/** Marks that another program left in the file. They are not drawn until somebody takes them over; then they are theirs. */
export default function SuggestionsSection() {
  const { micrograph } = useWorkspace();
  const annotate = useRight("annotate");
  const [busy, setBusy] = useState(false);
  const all = useResource(`suggestions ${micrograph.id}`, () => endpoints.suggestions(micrograph.id));
  const open = (all.value ?? []).filter(({ state }) => state === "open");
  if (open.length === 0) return null;
  const programs = [...new Set(open.map(({ from }) => from.split(",")[0]))].join(" and ");
  const decide = async (decided: DecideSuggestions) => {
    setBusy(true);
    try {
      await endpoints.decideSuggestions(micrograph.id, decided);
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
    await all.refetch();
    setBusy(false);
  };
  const ids = open.map(({ id }) => id);
  return (
    <section className={styles.suggestions} aria-label="Marks found in the file">
      <header>
        <span>
          {open.length} {open.length === 1 ? "mark" : "marks"} from {programs}
        </span>
        {annotate.allowed && open.length > 1 && (
          <>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              disabled={busy}
              onClick={() => void decide({ dismiss: ids })}
            >
              Set all aside
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              disabled={busy}
              onClick={() => void decide({ accept: ids })}
            >
              Take over all
            </Button>
          </>
        )}
      </header>
      <ul>
        {open.slice(0, shownAtMost).map((one) => (
          <li key={one.id}>
            <span className="ellipsis" title={one.from}>
              <span className="dim">{kindWords[one.kind]}</span> {one.label}
              {one.frame !== "all" && <span className="dim numbers"> · frame {one.frame + 1}</span>}
            </span>
            {annotate.allowed && (
              <>
                <Tooltip label="Set aside">
                  <ActionIcon
                    size="sm"
                    disabled={busy}
                    aria-label={`Set aside: ${kindWords[one.kind]} ${one.label}`}
                    onClick={() => void decide({ dismiss: [one.id] })}
                  >
                    <IconX size={14} />
                  </ActionIcon>
                </Tooltip>
                <Tooltip label="Take over as a mark of yours">
                  <ActionIcon
                    size="sm"
                    disabled={busy}
                    aria-label={`Take over: ${kindWords[one.kind]} ${one.label}`}
                    onClick={() => void decide({ accept: [one.id] })}
                  >
                    <IconCheck size={14} />
                  </ActionIcon>
                </Tooltip>
              </>
            )}
          </li>
        ))}
        {open.length > shownAtMost && <li className="dim small numbers">{open.length - shownAtMost} more</li>}
      </ul>
    </section>
  );
}
