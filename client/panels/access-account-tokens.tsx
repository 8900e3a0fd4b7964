import { Button, NativeSelect, Skeleton, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useAttempt } from "#client/state/use-attempt.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { ApiToken } from "#core/protocol/api/people.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { type Role, roles } from "#core/protocol/roles.ts";
import { ConfirmDialog } from "./access-confirm.tsx";
import styles from "./access-rows.module.css";
import { SecretShownOnce } from "./access-secret.tsx";

const lifetimes = [
  { value: "30", label: "30 days" },
  { value: "365", label: "1 year" },
  { value: "", label: "No end" },
];

export function AccountTokens() {
  const tokens = useResource("tokens", accessEndpoints.tokens);
  const projects = useResource("projects for tokens", endpoints.projects);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const nameOf = (id: string) =>
    projects.value?.find((project) => project.id === id)?.name ?? "a project you are not in any more";
  return (
    <>
      {tokens.loading && <Skeleton height={48} radius={8} />}
      {tokens.error && !tokens.value && <p className={styles.failure}>{sentenceOf(tokens.error)}</p>}
      {tokens.value?.length === 0 && <p className={styles.empty}>No script acts as you.</p>}
      {tokens.value && tokens.value.length > 0 && (
        <ul className={styles.rows} aria-label="Your tokens">
          {tokens.value.map((token) => (
            <li key={token.id}>
              <div className={styles.words}>
                <strong>{token.name}</strong>
                <span className="dim small numbers">
                  {token.role ? `At most ${token.role}` : "Everything you may do"}
                  {token.projectId ? ` in “${nameOf(token.projectId)}”` : " in every project of yours"}
                  {" · "}
                  {token.expiresAt
                    ? `until ${new Date(token.expiresAt).toLocaleDateString(undefined, { dateStyle: "medium" })}`
                    : "without an end"}
                </span>
              </div>
              <Button size="compact-sm" variant="default" onClick={() => setRevoking(token)}>
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      <NewToken projects={projects.value ?? []} made={() => void tokens.refetch()} />
      {revoking && (
        <ConfirmDialog
          title={`Revoke “${revoking.name}”?`}
          label="Revoke"
          close={() => setRevoking(null)}
          run={async () => {
            await accessEndpoints.revokeToken(revoking.id);
            await tokens.refetch();
          }}
        >
          Whatever uses it is refused from now on, in connections that are open too.
        </ConfirmDialog>
      )}
    </>
  );
}

function NewToken(props: { readonly projects: readonly Project[]; readonly made: () => void }) {
  const [name, setName] = useState("");
  const [projectId, setProjectId] = useState("");
  const [role, setRole] = useState<Role | "">("");
  const [days, setDays] = useState("365");
  const [secret, setSecret] = useState<string | null>(null);
  const attempt = useAttempt();
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const done = await attempt.run(async () => {
      const { token } = await accessEndpoints.createToken({
        name: name.trim(),
        projectId: projectId || null,
        role: role || null,
        expiresInDays: days === "" ? null : Number(days),
      });
      setSecret(token);
    });
    if (!done) return;
    setName("");
    props.made();
  };
  if (secret !== null) {
    return (
      <SecretShownOnce
        label="New token"
        secret={secret}
        words="Scripts send it as “Authorization: Bearer …”."
        done={() => setSecret(null)}
      />
    );
  }
  return (
    <form className={styles.form} onSubmit={create}>
      <TextInput
        className={styles.row ?? ""}
        label="What it is for"
        placeholder="Upload from the Titan"
        value={name}
        maxLength={80}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NativeSelect
        className={styles.wide ?? ""}
        label="Project"
        value={projectId}
        onChange={(event) => setProjectId(event.currentTarget.value)}
        data={[
          { value: "", label: "Every project of mine" },
          ...props.projects.map(({ id, name: label }) => ({ value: id, label: shortened(label) })),
        ]}
      />
      <NativeSelect
        label="At most"
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role | "")}
        data={[{ value: "", label: "My own role" }, ...roles.map((one) => ({ value: one, label: one }))]}
      />
      <NativeSelect
        label="Ends after"
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
        data={lifetimes}
      />
      <Button type="submit" loading={attempt.busy} disabled={!name.trim()}>
        Make a token
      </Button>
      {attempt.failure && <p className={styles.failure}>{attempt.failure}</p>}
    </form>
  );
}

/** A choice of a list cannot wrap. */
function shortened(name: string): string {
  return name.length > 40 ? `${name.slice(0, 38).trimEnd()} …` : name;
}
