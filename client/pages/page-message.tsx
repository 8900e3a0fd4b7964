import { Button, Loader } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./page-message.module.css";

/** A whole page, or the room it fills, that has one thing to say: an error, an empty state. */
export function PageMessage(props: {
  readonly title: string;
  readonly text: ReactNode;
  readonly icon?: ReactNode;
  /** `quiet`: something else on the page matters more. */
  readonly action?: { readonly label: string; readonly run: () => void; readonly quiet?: boolean };
  readonly tone?: "plain" | "danger";
}) {
  return (
    <section className={styles.message} role={props.tone === "danger" ? "alert" : undefined}>
      {props.icon && <div className={styles.icon}>{props.icon}</div>}
      <h1 className={styles.title}>{props.title}</h1>
      <div className={styles.text}>{props.text}</div>
      {props.action && (
        <Button onClick={props.action.run} mt={8} {...(props.action.quiet ? { variant: "default" } : {})}>
          {props.action.label}
        </Button>
      )}
    </section>
  );
}

export function PageWaiting({ what }: { readonly what?: string }) {
  return (
    <section className={styles.message} aria-busy="true">
      <Loader size="sm" color="accent" />
      <div className={styles.text}>{what ?? "Opening …"}</div>
    </section>
  );
}
