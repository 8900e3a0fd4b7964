import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { PictureAccess } from "#server/tiles/tile-access.ts";
import type { MicrographCatalogue } from "./micrograph-catalogue.ts";
import type { Joint, RecordedTogether } from "./recorded-together.ts";

/** Where a signal's pixels are read from. */
export interface SignalHolder {
  readonly micrographId: string;
  readonly signal: string;
}

/** A catalogue in which files that were recorded together are one micrograph. */
export interface JointCatalogue extends MicrographCatalogue {
  /** The micrograph and signal of the file that holds the pixels of a signal: itself, except in a joint one. */
  holderOf(micrographId: string, signal: string): Promise<SignalHolder>;
  /** Micrographs of a project that are shown as signals of another, with its id. */
  followersOf(projectId: string): Promise<ReadonlyMap<string, string>>;
  /** Files of a micrograph's signals, where they are several. */
  filesOf(micrographId: string): Promise<Joint | undefined>;
}

/**
 * The same catalogue, read jointly: the leader of files that were recorded together lists the others' signals as its
 * own, a list leaves the others out, and each of them says whose signal it is. Nothing is written for it.
 */
export function createJointCatalogue(
  catalogue: MicrographCatalogue,
  together: RecordedTogether,
): JointCatalogue {
  /** A tile costs no query: what is joined is asked again only after a change. */
  const access = new Map<string, PictureAccess>();
  let changes = 0;
  const changing =
    <Given extends unknown[], Answer>(write: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      try {
        return await write(...given);
      } finally {
        changes++;
        access.clear();
      }
    };

  return {
    ...catalogue,
    describeSource: changing(catalogue.describeSource),
    setSignal: changing(catalogue.setSignal),
    setMicrographStatus: changing(catalogue.setMicrographStatus),
    setCalibration: changing(catalogue.setCalibration),
    setWhatDocumentSays: changing(catalogue.setWhatDocumentSays),
    setContent: changing(catalogue.setContent),
    moveSource: changing(catalogue.moveSource),

    async micrograph(id) {
      const own = await catalogue.micrograph(id);
      const joint = own && (await together.jointOf(id));
      return own && joint ? readJointly(own, joint) : own;
    },

    async listMicrographs(projectId) {
      const all = await catalogue.listMicrographs(projectId);
      const joints = await together.jointsOf(projectId);
      const byMember = new Map(joints.flatMap((joint) => joint.map((one) => [one.micrograph.id, joint])));
      return all
        .map((own) => {
          const joint = byMember.get(own.id);
          return joint ? readJointly(own, joint) : own;
        })
        .filter(({ signalOf }) => signalOf === undefined);
    },

    async tileAccess(id) {
      const known = access.get(id);
      if (known) return known;
      const before = changes;
      const own = await catalogue.tileAccess(id);
      if (!own) return undefined;
      const joint = await together.jointOf(id);
      const isLed = joint && joint[0].micrograph.id === id;
      const entry = isLed ? { ...own, signals: [...own.signals, ...followingSignals(joint)] } : own;
      if (access.size >= 4096) access.clear();
      if (changes === before) access.set(id, entry);
      return entry;
    },

    async tags(micrographId) {
      const own = await catalogue.tags(micrographId);
      const joint = await together.jointOf(micrographId);
      if (joint?.[0].micrograph.id !== micrographId) return own;
      const [leader, ...followers] = joint;
      const byFile: Record<string, unknown> = { [leader.fileName]: own };
      for (const { fileName, micrograph } of followers)
        byFile[fileName] = await catalogue.tags(micrograph.id);
      return byFile;
    },

    async holderOf(micrographId, signal) {
      // The first signal of every micrograph lies in its own file.
      const joint = signal === "0" ? undefined : await together.jointOf(micrographId);
      const held = joint?.[0].micrograph.id === micrographId && joint.find((one) => one.signal === signal);
      return held ? { micrographId: held.micrograph.id, signal: "0" } : { micrographId, signal };
    },

    async followersOf(projectId) {
      const joints = await together.jointsOf(projectId);
      return new Map(
        joints.flatMap(([leader, ...followers]) =>
          followers.map(({ micrograph }) => [micrograph.id, leader.micrograph.id] as const),
        ),
      );
    },

    filesOf: (micrographId) => together.jointOf(micrographId),
  };
}

/** A micrograph as the joint it is in has it: with all signals where it leads, else saying whose signal it is. */
function readJointly(own: Micrograph, joint: Joint): Micrograph {
  const [leader, ...followers] = joint;
  if (leader.micrograph.id !== own.id) {
    const { signal } = joint.find(({ micrograph }) => micrograph.id === own.id)!;
    return { ...own, signalOf: { micrographId: leader.micrograph.id, signal } };
  }
  const all = [own, ...followers.map(({ micrograph }) => micrograph)];
  return {
    ...own,
    signals: [...own.signals.map((one) => ({ ...one, title: leader.title })), ...followingSignals(joint)],
    flags: {
      lossy: all.some(({ flags }) => flags.lossy),
      depthReduced: all.some(({ flags }) => flags.depthReduced),
      screenshot: all.some(({ flags }) => flags.screenshot),
    },
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
  };
}

function followingSignals([, ...followers]: Joint) {
  return followers.map(({ micrograph, signal, title }) => ({
    ...micrograph.signals[0]!,
    id: signal,
    title,
  }));
}
