import type { ReactNode } from "react";
import { PersonMenu } from "#client/panels/person-menu.tsx";
import { Link } from "./link.tsx";
import styles from "./page-frame.module.css";

/** The bar above the pages that are not the workspace, and the column below it. */
export function PageFrame(props: {
  readonly crumb?: ReactNode;
  readonly actions?: ReactNode;
  /** A strip under the bar that stays in sight. */
  readonly notice?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.frame}>
      <div className={styles.top}>
        <header className={styles.bar}>
          <Brand />
          {props.crumb && <span className={styles.divider}>/</span>}
          <div className={`${styles.crumb} ellipsis`}>{props.crumb}</div>
          <div className={styles.actions}>
            {props.actions}
            <PersonMenu />
          </div>
        </header>
        {props.notice}
      </div>
      <main className={styles.main}>{props.children}</main>
    </div>
  );
}

export function Brand() {
  return (
    <Link href="/" className={styles.brand} aria-label="Lamella: all projects">
      <Mark />
      <span>Lamella</span>
    </Link>
  );
}

/** A film coming off its substrate. */
export function Mark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 23.5 28 17v4L4 27.5z" fill="var(--mantine-color-dimmed)" />
      <path
        d="M4 17c7.2-1.9 8.4-7.8 13.2-9.1 4.1-1.1 6 3 10.8 1.7v4.200c-4.800 1.3-6.7-2.8-10.8-1.7C12.400 13.4 11.2 19.3 4 21.2z"
        fill="var(--mantine-color-accent-5)"
      />
    </svg>
  );
}
