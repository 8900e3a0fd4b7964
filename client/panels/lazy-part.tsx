import { Button } from "@mantine/core";
import { type ComponentType, lazy } from "react";
import styles from "./lazy-part.module.css";

/** As browsers and the bundler word it; a part that came and failed is another matter, and is thrown. */
const notFetched = /dynamically imported module|importing a module script|preload CSS/i;

/**
 * A component that is fetched when it is first shown. Where it cannot be fetched, the page says so: React would take
 * the whole page away, with what somebody is drawing without a network. A browser asks for a part only once, so that it
 * takes a new page to have it; edits wait in this browser meanwhile.
 */
export const lazyPart: typeof lazy = (load) =>
  lazy(() => load().catch((error: unknown) => missing(error) as Awaited<ReturnType<typeof load>>));

function missing(error: unknown): { default: ComponentType } {
  if (!(error instanceof Error) || !notFetched.test(error.message)) throw error;
  return { default: PartMissing };
}

function PartMissing() {
  return (
    <p className={styles.missing} role="alert">
      A part of this page could not be fetched.
      <Button size="compact-sm" variant="default" onClick={() => location.reload()}>
        Reload once the network is back
      </Button>
    </p>
  );
}
