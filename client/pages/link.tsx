import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { navigate } from "#client/state/router.ts";

/** A link within the application: opens in place, and in a new tab the way every link does. */
export function Link({
  href,
  onClick,
  ...others
}: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} {...others} />;
}
