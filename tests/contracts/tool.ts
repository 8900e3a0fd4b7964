import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import type { Tool, ToolEvent } from "#client/tools/tool.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom, type Random } from "#core/random/generator.ts";
import { hand } from "#tests/client/tools/gesture.ts";

/** What every tool promises, whatever a hand does: it never throws, its commands hold, Esc ends it, an interruption commits nothing. */
export function toolContract(name: string, tool: Tool<unknown>): void {
  const seed = Number(process.env["SEED"] ?? 3);

  describe(`tool ${name}`, () => {
    it("survives any events, and all it commands is a valid mark of a real document", () => {
      const random = createRandom(seed);
      const document = openAnnotationDocument(new Y.Doc());
      const ids = () => [...document.annotations().keys()];
      const user = hand(tool, {
        annotation: (id) => document.get(id),
        hits: () => (random() < 0.5 ? ids().slice(-2) : []),
        within: () => ids(),
      });
      for (let i = 0, done = 0; i < 400; i++) {
        user.send(anyEvent(random));
        for (; done < user.commands.length; done++) document.execute(user.commands[done]!);
      }
      expect(document.invalid()).toEqual([]);
      document.close();
    });

    it("an interruption commits nothing", () => {
      const random = createRandom(seed + 1);
      for (let run = 0; run < 20; run++) {
        const user = hand(tool);
        for (let i = 0; i < 12; i++) user.send(anyEvent(random));
        const before = user.commands.length;
        user.send({ type: "interrupt" });
        expect(user.commands.length).toBe(before);
      }
    });

    it("Esc leads out of every state, a step at a time, and commits nothing", () => {
      const random = createRandom(seed + 2);
      for (let run = 0; run < 20; run++) {
        const user = hand(tool);
        for (let i = 0; i < 12; i++) user.send(anyEvent(random));
        const before = user.commands.length;
        for (let i = 0; i < 100 && tool.busy(user.state); i++) user.send({ type: "cancel" });
        expect(tool.busy(user.state)).toBe(false);
        expect(user.commands.length).toBe(before);
      }
    });

    it("writes nothing for a reader", () => {
      const random = createRandom(seed + 3);
      const user = hand(tool, { readOnly: true });
      for (let i = 0; i < 200; i++) user.send(anyEvent(random));
      expect(user.commands).toEqual([]);
    });
  });
}

function anyEvent(random: Random): ToolEvent {
  const kinds = [
    "down",
    "move",
    "move",
    "up",
    "down",
    "move",
    "up",
    "finish",
    "cancel",
    "remove",
    "nudge",
    "interrupt",
  ] as const;
  const type = kinds[Math.floor(random() * kinds.length)]!;
  switch (type) {
    case "nudge":
      return { type, dx: Math.round(random() * 4 - 2), dy: 1 };
    case "down":
    case "move":
    case "up":
      return {
        type,
        at: { x: random() * 300, y: random() * 200 },
        clicks: random() < 0.15 ? 2 : 1,
        shift: random() < 0.2,
        alt: random() < 0.1,
        ctrl: random() < 0.1,
      };
    default:
      return { type };
  }
}
