import { Button } from "@mantine/core";
import type { ComponentType, ReactNode } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import styles from "./lazy-part.module.css";

interface Fetched<Props> {
  readonly Part: ComponentType<Props> | null;
  readonly failure: unknown;
}

/** As browsers and the bundler word it; a part that came and failed is another matter, and is thrown. */
const notFetched = /dynamically imported module|importing a module script|preload CSS/i;

/**
 * A component that is fetched when it is first shown. Where it cannot be fetched, the page says so: React would take
 * the whole page away, with what somebody is drawing without a network. A browser asks for a part only once, so that it
 * takes a new page to have it; edits wait in this browser meanwhile.
 *
 * Not with React's `lazy`: what was waiting is then shown 300 ms after it has come, so that pages do not flicker. One part
 * within another would each wait so long, and the marks of a micrograph stand in the third.
 *
 * @param waiting stands in its place until it is there
 */
export function lazyPart<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
  waiting: ReactNode = null,
): ComponentType<Props> {
  const fetched = createStore<Fetched<Props>>(() => ({ Part: null, failure: null }));
  let asked = false;
  const ask = () => {
    asked = true;
    load().then(
      ({ default: Part }) => fetched.setState({ Part }),
      (failure: unknown) => fetched.setState(isNotFetched(failure) ? { Part: PartMissing } : { failure }),
    );
  };
  return function LazyPart(props: Props) {
    const { Part, failure } = useStore(fetched);
    if (failure !== null) throw failure;
    if (Part) return <Part {...props} />;
    if (!asked) ask();
    return waiting;
  };
}

function isNotFetched(error: unknown): boolean {
  return error instanceof Error && notFetched.test(error.message);
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
