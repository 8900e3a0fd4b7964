import { Badge, Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Invitation } from "#core/protocol/api/invitations.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { ConfirmDialog } from "./access-confirm.tsx";
import styles from "./access-rows.module.css";
import dialog from "./dialog.module.css";
import own from "./project-settings.module.css";

const ShareDialog = lazyPart(() => import("./share-dialog.tsx"));

const guestChoices = [
  { value: "keep", label: "Keep the guests", words: "Whoever came in by it stays." },
  {
    value: "remove",
    label: "Remove the guests too",
    words: "Whoever came in by it as a guest loses access, at once.",
  },
] as const;

/** Every link into the project that was ever made, the ones that still open first. */
export function ProjectSettingsLinks(props: {
  readonly project: Project;
  /** Whether any guest is in the project now. */
  readonly hasGuests: boolean;
  readonly changed: () => Promise<void>;
}) {
  const { project, hasGuests, changed } = props;
  const links = useResource(`invitations ${project.id}`, () => endpoints.invitations(project.id));
  const [sharing, setSharing] = useState(false);
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  const [guests, setGuests] = useState<"keep" | "remove">("keep");
  const sorted = [...(links.value ?? [])].sort(
    (a, b) => Number(stateOf(a) !== "open") - Number(stateOf(b) !== "open"),
  );
  return (
    <>
      {links.error && !links.value && <p className={styles.failure}>{sentenceOf(links.error)}</p>}
      {links.value?.length === 0 && <p className={styles.empty}>No link leads here.</p>}
      {sorted.length > 0 && (
        <ul className={styles.rows} aria-label="Links">
          {sorted.map((link) => (
            <li key={link.id}>
              <div className={styles.words}>
                <strong>
                  {link.role[0]!.toUpperCase() + link.role.slice(1)}
                  {link.waitingRoom ? ", through the waiting room" : ", straight in"}
                </strong>
                <span className="dim small numbers">
                  by {link.createdBy} · {usesOf(link)} · until{" "}
                  {new Date(link.expiresAt).toLocaleDateString(undefined, { dateStyle: "medium" })}
                </span>
              </div>
              {stateOf(link) === "open" ? null : (
                <Badge variant="default" size="sm">
                  {stateOf(link)}
                </Badge>
              )}
              {/* Its guests can still be taken out together. */}
              {(stateOf(link) === "open" || (link.uses > 0 && hasGuests)) && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => {
                    setGuests(link.revoked ? "remove" : "keep");
                    setRevoking(link);
                  }}
                >
                  {link.revoked ? "Remove its guests" : "Revoke"}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className={styles.form} style={{ marginTop: 16 }}>
        <Button leftSection={<IconUserPlus size={16} />} onClick={() => setSharing(true)}>
          Share …
        </Button>
      </div>
      {sharing && (
        <ShareDialog
          project={project}
          close={() => {
            setSharing(false);
            void links.refetch();
            void changed();
          }}
        />
      )}
      {revoking && (
        <ConfirmDialog
          title={revoking.revoked ? "Remove the guests of this link?" : "Revoke this link?"}
          label={guests === "remove" ? "Remove the guests" : "Revoke"}
          close={() => setRevoking(null)}
          run={async () => {
            await accessEndpoints.revokeInvitation(project.id, revoking.id, guests);
            await Promise.all([links.refetch(), changed()]);
          }}
        >
          {revoking.revoked
            ? "Everybody who came in by it as a guest loses access at once; what they marked and said stays."
            : "It opens nothing any more, and whoever waits at the door because of it is sent away."}
          {!revoking.revoked && (
            <fieldset className={`${dialog.choices} ${own.choice}`}>
              <legend className="visually-hidden">Guests who are in</legend>
              {guestChoices.map(({ value, label, words }) => (
                <label key={value} className={dialog.choice}>
                  <input
                    type="radio"
                    name="guests"
                    className="visually-hidden"
                    checked={guests === value}
                    onChange={() => setGuests(value)}
                  />
                  <strong>{label}</strong>
                  <span>{words}</span>
                </label>
              ))}
            </fieldset>
          )}
        </ConfirmDialog>
      )}
    </>
  );
}

function usesOf({ uses, maxUses }: Invitation): string {
  if (maxUses !== null) return `used ${uses} of ${maxUses} times`;
  return uses === 0 ? "not used yet" : uses === 1 ? "used once" : `used ${uses} times`;
}

function stateOf(link: Invitation): "open" | "revoked" | "expired" | "used up" {
  if (link.revoked) return "revoked";
  if (Date.parse(link.expiresAt) <= Date.now()) return "expired";
  if (link.maxUses !== null && link.uses >= link.maxUses) return "used up";
  return "open";
}
