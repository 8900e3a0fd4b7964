import { Link } from "#client/pages/link.tsx";
import { endpoints } from "#client/state/endpoints.ts";
import { addressOfMicrograph } from "#client/state/router.ts";
import { useResource } from "#client/state/use-resource.ts";
import panel from "./panel.module.css";
import styles from "./records-section.module.css";
import { useWorkspace } from "./workspace-context.ts";

/** Other signals of the acquisition that came as files of their own. Nothing for all other files. */
export default function SameGrid() {
  const { micrograph } = useWorkspace();
  const others = useResource(`same grid ${micrograph.id}`, () => endpoints.sameGrid(micrograph.id)).value;
  if (!others?.length) return null;
  return (
    <section className={panel.section}>
      <h3 className={panel.heading}>On the same pixel grid</h3>
      <ul className={styles.files}>
        {others.map(({ micrographId, name }) => (
          <li key={micrographId}>
            <Link href={addressOfMicrograph(micrographId)}>{name}</Link>
          </li>
        ))}
      </ul>
      <p className="dim small">Series of one document, {others[0]!.document}. Each keeps marks of its own.</p>
    </section>
  );
}
