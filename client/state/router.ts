import { create } from "zustand";

/** Where in the application the person is; every place is an address that can be sent to somebody else. */
export type Route =
  | { readonly page: "projects" }
  | { readonly page: "project"; readonly projectId: string }
  | { readonly page: "project-settings"; readonly projectId: string }
  | { readonly page: "micrograph"; readonly micrographId: string }
  | { readonly page: "sign-in"; readonly token: string | null }
  | { readonly page: "account" }
  | { readonly page: "administration" }
  | { readonly page: "join"; readonly token: string }
  | { readonly page: "unknown" };

/** Centre and width of a view in image px: `?view=x,y,width`. */
export interface SharedView {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const id = "([A-Za-z0-9_-]{8,40})";
const micrographPath = new RegExp(`^(?:/projects/${id})?/micrographs/${id}/?$`);
const projectPath = new RegExp(`^/projects/${id}(/settings)?/?$`);

export function routeOf(url: { readonly pathname: string; readonly hash: string }): Route {
  const { pathname } = url;
  if (pathname === "/" || pathname === "/projects") return { page: "projects" };
  if (pathname === "/account") return { page: "account" };
  if (pathname === "/administration") return { page: "administration" };
  if (pathname === "/sign-in") return { page: "sign-in", token: url.hash.slice(1) || null };
  const join = /^\/join\/([^/]+)\/?$/.exec(pathname);
  if (join) return { page: "join", token: decodeURIComponent(join[1]!) };
  const micrograph = micrographPath.exec(pathname);
  if (micrograph) return { page: "micrograph", micrographId: micrograph[2]! };
  const project = projectPath.exec(pathname);
  if (project) return { page: project[2] ? "project-settings" : "project", projectId: project[1]! };
  return { page: "unknown" };
}

export function addressOfProject(projectId: string): string {
  return `/projects/${projectId}`;
}

export function addressOfSettings(projectId: string): string {
  return `/projects/${projectId}/settings`;
}

export function addressOfMicrograph(micrographId: string, view?: SharedView | null): string {
  const query = view
    ? `?view=${[view.x, view.y, view.width].map((v) => Math.round(v * 10) / 10).join(",")}`
    : "";
  return `/micrographs/${micrographId}${query}`;
}

/** The view an address asks for, or null where it asks for none or for nonsense. */
export function viewOf(search: string): SharedView | null {
  const numbers = (new URLSearchParams(search).get("view") ?? "").split(",").map(Number.parseFloat);
  const [x, y, width] = numbers;
  if (numbers.length !== 3 || !numbers.every(Number.isFinite) || width! <= 0) return null;
  return { x: x!, y: y!, width: width! };
}

interface RouterState {
  readonly route: Route;
  /** Follow the address bar: after the history moved under us. */
  refresh(): void;
}

export const useRouter = create<RouterState>()((set) => ({
  route: typeof location === "undefined" ? { page: "projects" } : routeOf(location),
  refresh: () => set({ route: routeOf(location) }),
}));

/** Go to an address of this application. `replace` leaves no step behind in the history. */
export function navigate(address: string, how: { readonly replace?: boolean } = {}): void {
  if (how.replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  useRouter.getState().refresh();
}

/** Call once: the back and forward buttons move the route. */
export function listenToHistory(): void {
  addEventListener("popstate", () => useRouter.getState().refresh());
  addEventListener("hashchange", () => useRouter.getState().refresh());
}
