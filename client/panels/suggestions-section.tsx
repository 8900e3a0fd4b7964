import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { boxAround, suggestionPainter } from "#client/layers/paint-suggestions.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useGuestPainter } from "#client/state/guest-painter-store.ts";
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

/** A suggestion is shown with at least so much of the picture's shorter side around it. */
const leastPartShown = 1 / 8;

/**
 * Marks that another program left in the file, dashed on the picture while they are offered here: they are nobody's until
 * somebody takes them over; then they are theirs.
 */
export default function SuggestionsSection() {
  const { micrograph, viewer } = useWorkspace();
  const annotate = useRight("annotate");
  const [busy, setBusy] = useState(false);
  const [pointedId, setPointedId] = useState<string | null>(null);
  const all = useResource(`suggestions ${micrograph.id}`, () => endpoints.suggestions(micrograph.id));
  const open = useMemo(() => (all.value ?? []).filter(({ state }) => state === "open"), [all.value]);
  useEffect(() => {
    const { setPaint } = useGuestPainter.getState();
    setPaint(open.length > 0 ? suggestionPainter(open, pointedId) : null);
    return () => setPaint(null);
  }, [open, pointedId]);
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
  const lookAt = (one: SuggestionShape) => {
    if (one.frame !== "all") useDisplayStore.getState().setFrame(one.frame);
    viewer?.fitTo(boxAround(one, Math.min(micrograph.width, micrograph.height) * leastPartShown));
  };
  const ids = open.map(({ id }) => id);
  return (
    <section className={styles.suggestions} aria-label="Marks found in the file">
      <header>
        <span>
          {open.length} {open.length === 1 ? "mark" : "marks"} from {programs}
          <span className="dim"> · dashed on the picture</span>
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
      <ul onPointerLeave={() => setPointedId(null)}>
        {open.slice(0, shownAtMost).map((one) => (
          <li key={one.id} onPointerEnter={() => setPointedId(one.id)} onFocus={() => setPointedId(one.id)}>
            <button
              type="button"
              className={styles.pick}
              title={`${one.from}. Click to look at it.`}
              onClick={() => lookAt(one)}
            >
              <span className="ellipsis">
                <span className="dim">{kindWords[one.kind]}</span> {one.label}
                {one.frame !== "all" && <span className="dim numbers"> · frame {one.frame + 1}</span>}
              </span>
            </button>
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
        {open.length > shownAtMost && (
          <li className="dim small numbers">{open.length - shownAtMost} more, dashed on the picture</li>
        )}
      </ul>
    </section>
  );
}
