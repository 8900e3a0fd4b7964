import type { ReactNode } from "react";
import styles from "./entrance-frame.module.css";
import { Mark } from "./page-frame.tsx";

/** The door: one card in the middle, for those who are not in yet. */
export function EntranceFrame(props: {
  readonly title: string;
  readonly lead: ReactNode;
  readonly failure?: string | null;
  /** Something to know that is no fault. */
  readonly note?: string | null;
  readonly foot?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <main className={styles.room}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Mark size={28} />
          <span>Lamella</span>
        </div>
        <h1 className={styles.title}>{props.title}</h1>
        <div className={styles.lead}>{props.lead}</div>
        {props.note && !props.failure && (
          <div className={styles.note} role="status">
            {props.note}
          </div>
        )}
        {props.failure && (
          <div className={styles.failure} role="alert">
            {props.failure}
          </div>
        )}
        {props.children}
        {props.foot && <div className={styles.foot}>{props.foot}</div>}
      </div>
    </main>
  );
}
