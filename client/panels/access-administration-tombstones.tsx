import { Skeleton } from "@mantine/core";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Principal } from "#core/protocol/api/shapes.ts";
import styles from "./access-rows.module.css";
import { readableTime } from "./readable-length.ts";

const words = { project: "Project", source: "File", person: "Person" } as const;

/** Names are gone with what they named; the fingerprint says whether a file somebody holds is the one that was erased. */
export function AdministrationTombstones({ people }: { readonly people: readonly Principal[] }) {
  const tombstones = useResource("tombstones", accessEndpoints.tombstones);
  if (tombstones.loading) return <Skeleton height={48} radius={8} />;
  if (!tombstones.value)
    return <p className={styles.failure}>{tombstones.error && sentenceOf(tombstones.error)}</p>;
  if (tombstones.value.length === 0) return <p className={styles.empty}>Nothing has been erased.</p>;
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>What</th>
            <th>Id</th>
            <th>SHA-256</th>
            <th>Deleted by</th>
            <th>Erased</th>
          </tr>
        </thead>
        <tbody>
          {tombstones.value.map((stone) => (
            <tr key={`${stone.kind} ${stone.id}`}>
              <td>{words[stone.kind]}</td>
              <td className="numbers">{stone.id}</td>
              <td className="numbers" title={stone.sha256 ?? undefined}>
                {stone.sha256 ? `${stone.sha256.slice(0, 12)}…` : "–"}
              </td>
              <td>{people.find(({ id }) => id === stone.deletedBy)?.name ?? stone.deletedBy}</td>
              <td className="numbers" title={new Date(stone.erasedAt).toLocaleString()}>
                {readableTime(stone.erasedAt)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
