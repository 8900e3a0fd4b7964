import { expect, it } from "vitest";
import { look } from "./browser.ts";
import type { Together } from "./lab.ts";
import type { Place } from "./reviewer.ts";

/** What the top bar says when the sign-in ends and when a role is taken away, while somebody draws. */
export function truthWalk(walk: Together): void {
  const line = async (from: Place, to: Place) => {
    await walk.grace.tool("m");
    await walk.grace.drag([from, to]);
  };
  const says = (words: RegExp) => expect.poll(() => walk.grace.saveState.textContent()).toMatch(words);

  it("signed out while drawing: says so, keeps the edits, and sends them after signing in again", async () => {
    await walk.lab.call("DELETE", `/people/${walk.lab.idOf("Grace")}/sessions`);
    await walk.grace.seesState("signed-out");
    await line([0.3, 0.3], [0.5, 0.32]);
    await line([0.3, 0.5], [0.5, 0.52]);
    await says(/^Signed out, 2 edits wait$/);
    await walk.grace.saveState.click();
    await walk.grace.page.getByText(/Your edits are kept in this browser/).waitFor();
    await look(walk.grace.page, "truth-signed-out");
    expect((await walk.lab.marks()).length).toBe(0);
    await walk.grace.page.keyboard.press("Escape");
    const { url } = await walk.lab.call<{ url: string }>("POST", `/people/${walk.lab.idOf("Grace")}/link`);
    const other = await walk.grace.context.newPage();
    await other.goto(walk.lab.throughCable(url));
    await other.getByRole("heading", { name: "Projects" }).waitFor();
    await other.close();
    await walk.grace.seesState("saved");
    expect((await walk.lab.marks()).length).toBe(2);
  });

  it("made a reader while offline: refused because of the role, and what is missing is kept", async () => {
    walk.lab.cable.unplug();
    await walk.grace.seesState("offline");
    await line([0.3, 0.7], [0.5, 0.72]);
    await line([0.3, 0.8], [0.5, 0.82]);
    await says(/^Offline since .*, 2 edits wait$/);
    await walk.lab.setRole("Grace", "reader");
    walk.lab.cable.replug();
    await walk.grace.seesState("refused");
    await says(/^2 marks refused: your role does not draw here$/);
    expect((await walk.lab.marks()).length).toBe(2);
    await walk.grace.saveState.click();
    await walk.grace.page.getByText("2 marks were refused").waitFor();
    await look(walk.grace.page, "truth-refused");
    // Given back the right, all of it is brought in by one press.
    await walk.lab.setRole("Grace", "annotator");
    const again = walk.grace.page.getByRole("button", { name: "Try again" });
    await expect.poll(() => again.isEnabled()).toBe(true);
    await again.click();
    await walk.grace.seesState("saved");
    expect((await walk.lab.marks()).length).toBe(4);
    await look(walk.grace.page, "truth-saved");
  });
}
