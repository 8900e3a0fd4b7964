import { afterEach, expect, it, vi } from "vitest";
import type { SessionNews } from "#client/state/session-news.ts";
import { patienceMs } from "#tests/patience.ts";

afterEach(() => vi.resetModules());

/** Another tab: its own copy of the modules, the same browser. */
async function openTab() {
  vi.resetModules();
  const { tellOtherTabs, listenToOtherTabs } = await import("#client/state/session-news.ts");
  const { usePersonStore } = await import("#client/state/person-store.ts");
  const heard: SessionNews[] = [];
  const stop = listenToOtherTabs((news) => heard.push(news));
  return { tellOtherTabs, usePersonStore, heard, stop };
}

const ada = {
  id: "ada0000001",
  kind: "person",
  name: "Ada",
  colour: "#123456",
  administrator: false,
} as const;
const session = { principal: ada, demo: false, protocolVersion: 1 };

it("what happens to the sign-in in one tab is heard in the others, and not by itself", async () => {
  const here = await openTab();
  const there = await openTab();
  here.usePersonStore.getState().accept(session);
  // A new name is no new sign-in.
  here.usePersonStore.getState().accept({ ...session, principal: { ...ada, name: "Ada L." } });
  here.tellOtherTabs({ type: "signed-out", principalId: ada.id });
  await vi.waitFor(() => expect(there.heard).toHaveLength(2), patienceMs);
  expect(there.heard).toEqual([
    { type: "signed-in", principalId: ada.id },
    { type: "signed-out", principalId: ada.id },
  ]);
  expect(here.heard).toEqual([]);
  here.stop();
  there.stop();
});
