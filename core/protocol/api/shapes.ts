import { z } from "zod";
import { contents } from "#core/micrograph/content.ts";
import { roles } from "#core/protocol/roles.ts";
import { classRoles, linePatterns } from "#core/schema/annotation-class.ts";
import { instrumentSession, samePicture, specimen } from "./records.ts";
import { projectVisit } from "./visits.ts";

/** What travels over /api/v1: one zod shape a message; routes validate with it and OpenAPI is derived from it. */

export const id = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);
export const role = z.enum(roles);
export const isoTime = z.string();

export const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    context: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** GET /session: who am I. `principal` null = not signed in. */
export const principal = z.object({
  id,
  kind: z.enum(["person", "guest", "group"]),
  /** As shown to others; a guest is "Name (guest of A. Owner)". */
  name: z.string(),
  colour: z.string(),
  administrator: z.boolean(),
});
export const sessionState = z.object({
  principal: principal.nullable(),
  demo: z.boolean(),
  protocolVersion: z.number(),
  /** The institute's sign-in, where one is set: a link to /api/v1/session/institute?path=… */
  institute: z.object({ name: z.string() }).nullable().optional(),
  /** Projects where a guest was not let in (yet). */
  atTheDoor: z
    .array(z.object({ projectId: id, projectName: z.string(), state: z.enum(["in", "waiting", "refused"]) }))
    .optional(),
});

/** POST /session/link {token}: sign in by the administrator's one-time link. */
export const linkSignIn = z.object({ token: z.string(), name: z.string().min(1).max(80).optional() });
/** POST /session/password {email, password} */
export const passwordSignIn = z.object({ name: z.string(), password: z.string() });

/** PUT /session/password: one's own. */
export const newPassword = z.object({ password: z.string() });

/** GET /sessions: one's own, each of one browser. */
export const openSession = z.object({ id, createdAt: isoTime, expiresAt: isoTime, current: z.boolean() });

/** POST /people {name}: the administrator makes an account; `url` signs its owner in, once. */
export const newPerson = z.object({ name: z.string().min(1).max(80) });
export const personWithLink = z.object({ principal, url: z.string() });

/** POST /tokens: for scripts. Limited to a project, to at most a role, or to neither. */
export const newToken = z.object({
  name: z.string().min(1).max(80),
  projectId: id.nullable().default(null),
  role: role.nullable().default(null),
  expiresInDays: z.number().positive().max(3650).nullable().default(365),
});
export const apiToken = z.object({
  id,
  name: z.string(),
  projectId: id.nullable(),
  role: role.nullable(),
  createdAt: isoTime,
  expiresAt: isoTime.nullable(),
});
/** The secret is in the answer to its creation and nowhere else. */
export const apiTokenWithSecret = apiToken.extend({ token: z.string() });

export const project = z.object({
  id,
  name: z.string(),
  role,
  mayDownloadOriginals: z.boolean(),
  /** The person or group it belongs to. */
  ownerName: z.string(),
  demo: z.boolean(),
  createdAt: isoTime,
  micrographCount: z.number(),
  onlineCount: z.number(),
  /** URLs of up to four thumbnails. */
  mosaic: z.array(z.string()),
  /** Where the caller is no member, but an administrator who looks in. */
  visit: projectVisit.optional(),
});
export const member = z.object({ principal, role, mayDownloadOriginals: z.boolean() });
/** POST /projects/:id/transfer: `stayAs` null = the present owner leaves. */
export const transferProject = z.object({ principalId: id, stayAs: role.nullable().default("reviewer") });
/** GET /projects/:id/events, newest first. */
export const projectEvent = z.object({
  at: isoTime,
  principalId: z.string(),
  name: z.string(),
  kind: z.enum([
    "created",
    "renamed",
    "binned",
    "restored",
    "transferred",
    "member-changed",
    "member-left",
    "guests-removed",
    "administrator-read",
  ]),
  detail: z.record(z.string(), z.string()),
});
/** GET /administration/projects */
export const projectUsage = z.object({
  id,
  ownerName: z.string(),
  createdAt: isoTime,
  deletedAt: isoTime.nullable(),
  bytes: z.number(),
  micrographs: z.number(),
});
/** POST /people/:id/account: a guest becomes a person under this name (their own, where none is given). */
export const makeAccount = z.object({ name: z.string().min(1).max(80).optional() });
/** PUT /projects/:id/members/:principalId */
export const putMember = z.object({ role, mayDownloadOriginals: z.boolean().default(false) });
export const reachability = z.object({
  /** Who can reach this address: this computer only, the lab (lan), or behind a proxy. */
  scope: z.enum(["this-computer", "lan", "proxy"]),
  publicUrl: z.string(),
  hint: z.string(),
});

export const calibration = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("calibrated"),
    unit: z.enum(["nm", "1/nm"]),
    pixelSize: z.object({ x: z.number().positive(), y: z.number().positive() }),
    rotationDeg: z.number(),
    relativeStandardUncertainty: z.object({ x: z.number().min(0), y: z.number().min(0) }),
    source: z.union([
      z.object({ kind: z.literal("file"), tag: z.string() }),
      z.object({
        kind: z.literal("person"),
        principalId: z.string(),
        method: z.enum(["scale-bar", "feature", "lattice", "typed"]),
        note: z.string(),
      }),
      z.object({ kind: z.literal("synthetic") }),
    ]),
    certified: z.boolean(),
  }),
  z.object({ state: z.literal("uncalibrated"), reason: z.string() }),
  z.object({ state: z.literal("not-to-scale") }),
]);

export const sampleType = z.enum([
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "float32",
  "float64",
]);

/** How a browser reaches the pixels of one signal. */
export const signal = z.object({
  id: z.string(), // "0", "1" … stable within the micrograph
  title: z.string(),
  sampleType,
  samplesPerPixel: z.union([z.literal(1), z.literal(3), z.literal(4)]),
  /** Type of the native tiles the browser gets: u8, u16, f32 (others are widened or scaled exactly), rgb8. */
  tileType: z.enum(["u8", "u16", "f32", "rgb8"]),
  /** value = tile * scale + offset, exact for integers; 1 and 0 where tiles hold the values themselves. */
  tileScale: z.object({ scale: z.number(), offset: z.number() }),
  /** Default display window in recorded values (0.35-99.65 percentile). */
  window: z.object({ low: z.number(), high: z.number() }),
  /** Range of finite values. */
  range: z.object({ min: z.number(), max: z.number(), mean: z.number() }),
  /** 256 counts between range.min and range.max. */
  histogram: z.array(z.number()),
  invert: z.boolean(),
  /** Colours through which the file wants its values shown, RRGGBB one after another; absent where it has none. */
  palette: z.string().optional(),
  /** Content hash in every tile URL of this signal; null until its tiles exist. */
  derivation: z.string().nullable(),
});

export const sourcedValue = z.object({
  value: z.union([z.string(), z.number()]),
  source: z.union([
    z.object({ kind: z.literal("tag"), path: z.string() }),
    z.object({ kind: z.literal("person"), principalId: z.string() }),
  ]),
});

/** Series, state, specimen, object: what a card shows. */
export const seriesState = z.object({
  label: z.string(),
  order: z.number(),
  cycle: z.number().int().nullable().optional(),
  step: z.string().nullable().optional(),
  elapsedS: z.number().nullable(),
  clockTime: z.string().nullable().optional(),
  conditions: z.array(z.object({ quantity: z.string(), value: z.number(), unit: z.string() })),
  basis: z.string(),
});

export const micrograph = z.object({
  id,
  projectId: id,
  sourceId: id,
  name: z.string(),
  width: z.number(),
  height: z.number(),
  frames: z.number(),
  frameTimesS: z.array(z.number()).nullable(),
  dtype: z.string(),
  signals: z.array(signal),
  content: z.enum(contents),
  calibration,
  acquisition: z.record(z.string(), sourcedValue),
  flags: z.object({ lossy: z.boolean(), depthReduced: z.boolean(), screenshot: z.boolean() }),
  warnings: z.array(z.string()),
  status: z.enum(["queued", "running", "ready", "failed"]),
  progress: z.number().min(0).max(1),
  reason: z.string().nullable(),
  thumbnail: z.string().nullable(),
  /** It is a further signal of that micrograph, whose marks hold for it too; its own address leads there. */
  signalOf: z.object({ micrographId: id, signal: z.string() }).optional(),
  /** Of the project's specimens and sessions; null: nobody has said. */
  specimenId: id.nullable().optional(),
  sessionId: id.nullable().optional(),
  seriesId: id.nullable(),
  state: seriesState.nullable(),
  createdAt: isoTime,
  createdBy: z.string(),
});

export const source = z.object({
  id,
  projectId: id,
  fileName: z.string(),
  bytes: z.number(),
  sha256: z.string().nullable(),
  format: z.string().nullable(),
  status: z.enum(["queued", "running", "ready", "failed"]),
  progress: z.number().min(0).max(1),
  reason: z.string().nullable(),
  /** Of a failed one: not-a-picture, unknown-format, truncated … */
  code: z.string().nullable().optional(),
  micrographs: z.array(id),
  others: z.array(z.object({ title: z.string(), kind: z.string(), shape: z.array(z.number()) })),
  /** Where the original is that was not copied; null: it is kept here. The path is for whoever manages the project. */
  place: z
    .object({
      state: z.enum(["present", "changed", "missing"]),
      checkedAt: isoTime,
      path: z.string().nullable(),
    })
    .nullable()
    .optional(),
  createdAt: isoTime,
});
export const uploadAccepted = z.object({
  source: id,
  status: z.enum(["queued", "running", "ready", "failed"]),
});

export const annotationClass = z.object({
  id: z.string(),
  name: z.string().min(1).max(80),
  colour: z.string().regex(/^#[0-9a-f]{6}$/i),
  pattern: z.enum(linePatterns),
  role: z.enum(classRoles),
  key: z.string().nullable(),
  attributes: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      type: z.enum(["choice", "text", "number", "boolean"]),
      choices: z.array(z.string()).optional(),
      unit: z.string().optional(),
    }),
  ),
});

/** GET /projects/:id/gallery: everything a project's page shows, in one answer. */
export const gallery = z.object({
  project,
  micrographs: z.array(micrograph),
  /** Sources that gave no micrograph: being read, or failed with a reason. */
  sources: z.array(source),
  series: z.array(z.object({ id, name: z.string(), objectName: z.string(), micrographIds: z.array(id) })),
  specimens: z.array(specimen).optional(),
  sessions: z.array(instrumentSession).optional(),
  /** Pictures that were saved several times. */
  pictures: z.array(samePicture).optional(),
  /** Sources whose originals were left in place and are not there as they were. */
  originalsAway: z.record(id, z.enum(["changed", "missing"])).optional(),
  /** Micrographs with proposals that nobody has looked at. */
  proposedCount: z.number().optional(),
  classes: z.array(annotationClass),
  /** Marks by class (null: without one), by micrograph; one that has not been counted yet is missing. */
  marks: z.record(id, z.array(z.object({ classId: z.string().nullable(), count: z.number() }))),
});

/** POST /projects/:id/shared: one command that the server writes into the project's shared room. */
export const sharedCommand = z.discriminatedUnion("type", [
  z.object({ type: z.literal("put-class"), class: annotationClass }),
  z.object({
    type: z.literal("put-object"),
    object: z.object({ id: z.string(), name: z.string().min(1).max(80) }),
  }),
  z.object({
    type: z.literal("put-interface"),
    /** True: a name given by the program. It never replaces one, and moves on where another interface has it. */
    proposed: z.boolean().optional(),
    interface: z.object({
      id: z.string(),
      name: z.string().min(1).max(80),
      objectId: z.string().nullable(),
      substrate: z.string(),
      film: z.string(),
    }),
  }),
]);

/** POST /micrographs/:id/record: comments and calibration, written by the server into the record room. */
export const recordCommand = z.discriminatedUnion("type", [
  z.object({ type: z.literal("calibrate"), calibration, comment: z.string().max(500).default("") }),
  z.object({
    type: z.literal("comment"),
    id: z.string(),
    threadId: z.string().nullable(),
    annotationId: z.string().nullable(),
    at: z.object({ x: z.number(), y: z.number(), frame: z.number() }).nullable(),
    text: z.string().min(1).max(10_000),
  }),
  z.object({ type: z.literal("resolve"), threadId: z.string(), resolved: z.boolean() }),
]);

/** GET /rooms/:room/authors: which person each Yjs client id is bound to. */
export const roomAuthors = z.object({
  authors: z.record(z.string(), z.object({ principalId: z.string(), name: z.string() })),
});

export const ticket = z.object({ ticket: z.string(), expiresInS: z.number() });

export const createExport = z.object({
  format: z.enum(["coco", "lamella-json", "measurements-csv"]),
  micrographIds: z.array(id).optional(), // default: the whole project
});
/** POST /projects/:id/imports: a dataset file as text; its format is recognised. */
export const createImport = z.object({ fileName: z.string().max(1000), text: z.string() });
export const importResult = z.object({
  format: z.string(),
  placed: z.array(z.object({ micrographId: id, name: z.string(), marks: z.number() })),
  failed: z.array(z.object({ what: z.string(), reason: z.string() })),
});
export const job = z.object({
  id,
  kind: z.string(),
  status: z.enum(["queued", "running", "done", "failed"]),
  progress: z.number(),
  reason: z.string().nullable(),
  /** Where the result can be fetched, once done. */
  download: z.string().nullable(),
});

export type Principal = z.infer<typeof principal>;
export type SessionState = z.infer<typeof sessionState>;
export type Project = z.infer<typeof project>;
export type Member = z.infer<typeof member>;
export type Micrograph = z.infer<typeof micrograph>;
export type Signal = z.infer<typeof signal>;
export type Source = z.infer<typeof source>;
export type Gallery = z.infer<typeof gallery>;
export type CreateExport = z.input<typeof createExport>;
export type RoomAuthors = z.infer<typeof roomAuthors>;
export type SharedCommand = z.infer<typeof sharedCommand>;
export type RecordCommand = z.infer<typeof recordCommand>;
export type Job = z.infer<typeof job>;
export type Reachability = z.infer<typeof reachability>;
