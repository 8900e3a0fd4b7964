import { type ReactNode, useEffect } from "react";
import { PageFrame } from "./page-frame.tsx";
import styles from "./settings-frame.module.css";

export interface SettingsSection {
  readonly id: string;
  readonly title: string;
  /** One sentence on what can be decided here. */
  readonly lead?: ReactNode;
  readonly content: ReactNode;
  readonly tone?: "plain" | "danger";
}

/** A page of things to decide: its sections one under the other, and their names beside them to jump to. */
export function SettingsFrame(props: {
  readonly title: string;
  readonly lead: ReactNode;
  readonly crumb?: ReactNode;
  readonly actions?: ReactNode;
  readonly notice?: ReactNode;
  readonly sections: readonly SettingsSection[];
}) {
  useEffect(() => {
    const before = document.title;
    document.title = `${props.title} · Lamella`;
    return () => {
      document.title = before;
    };
  }, [props.title]);
  return (
    <PageFrame crumb={props.crumb} actions={props.actions} notice={props.notice}>
      <div className={styles.page}>
        <div className={styles.head}>
          <h1>{props.title}</h1>
          <p className="dim">{props.lead}</p>
        </div>
        <nav className={styles.nav} aria-label="Sections">
          {props.sections.map(({ id, title }) => (
            <a key={id} href={`#${id}`} onClick={(event) => jumpTo(event, id)}>
              {title}
            </a>
          ))}
        </nav>
        <div className={styles.sections}>
          {props.sections.map(({ id, title, lead, content, tone = "plain" }) => (
            <section
              key={id}
              id={id}
              className={styles.section}
              data-tone={tone}
              aria-labelledby={`${id}-title`}
            >
              <header>
                <h2 id={`${id}-title`}>{title}</h2>
                {lead && <p className="dim">{lead}</p>}
              </header>
              {content}
            </section>
          ))}
        </div>
      </div>
    </PageFrame>
  );
}

/** Without a step in the history: the page stays the same. */
function jumpTo(event: { preventDefault(): void }, id: string): void {
  event.preventDefault();
  document.getElementById(id)?.scrollIntoView({ block: "start" });
}
