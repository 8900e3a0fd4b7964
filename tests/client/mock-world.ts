import type { Invitation } from "#core/protocol/api/invitations.ts";
import type { Gallery, Micrograph, Project } from "#core/protocol/api/shapes.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";
import { micrographAnswer } from "#scripts/fixtures/micrograph-answer.ts";

export function mockMicrograph(index: number, over: Partial<Micrograph> = {}): Micrograph {
  const histogram = Array.from({ length: 256 }, (_, i) =>
    Math.round(9000 * Math.exp(-(((i - 90) / 30) ** 2)) + 4000 * Math.exp(-(((i - 170) / 22) ** 2))),
  );
  return micrographAnswer(
    {
      id: `micrograph${index}`,
      projectId: "project00",
      sourceId: `source00${index}`,
      name: `wire-3_${index}.dm4`,
      width: 1536,
      height: 1024,
      calibration: {
        state: "calibrated",
        unit: "nm",
        pixelSize: { x: 0.42, y: 0.42 },
        rotationDeg: 0,
        relativeStandardUncertainty: { x: 0.03, y: 0.03 },
        source: { kind: "file", tag: "ImageData.Calibrations.Dimension.0.Scale" },
        certified: false,
      },
      acquisition: {
        highTensionKv: { value: 300, source: { kind: "tag", path: "Microscope Info.Voltage" } },
        instrument: { value: "Titan 80-300", source: { kind: "tag", path: "Microscope Info.Microscope" } },
      },
      thumbnail: `/thumbnails/${index}.svg`,
      ...over,
    },
    {
      window: { low: 6000, high: 24000 },
      range: { min: 120, max: 32000, mean: 14400 },
      histogram,
      derivation: null,
    },
  );
}

const states = [
  "as-synthesised",
  "7 min",
  "15 min",
  "30 min",
  "fully sodiated",
  "fully sodiated, after EDX",
  "desodiated",
];

export function mockProject(over: Partial<Project> = {}): Project {
  return {
    id: "project00",
    name: "Sodiation of one nanowire",
    role: "owner",
    mayDownloadOriginals: true,
    ownerName: "Mara Lindqvist",
    demo: true,
    createdAt: "2026-11-22T10:00:00Z",
    micrographCount: 7,
    onlineCount: 2,
    mosaic: [0, 1, 2, 3].map((i) => `/thumbnails/${i}.svg`),
    ...over,
  };
}

export function mockGallery(project: Project): Gallery {
  if (project.micrographCount === 0)
    return {
      project,
      micrographs: [],
      sources: [],
      series: [],
      classes: [...defaultClasses] as Gallery["classes"],
      marks: {},
    };
  const members = states.map((label, i) =>
    mockMicrograph(i, {
      projectId: project.id,
      seriesId: "series0001",
      state: { label, order: i, elapsedS: null, conditions: [], basis: "" },
    }),
  );
  return {
    project,
    micrographs: [
      ...members,
      mockMicrograph(20, {
        name: "a very long file name as instruments write them_2026-11-22_sample B_area 14_0001_processed.tif",
        calibration: { state: "uncalibrated", reason: "The TIFF names no resolution unit." },
        flags: { lossy: false, depthReduced: true, screenshot: false },
        dtype: "uint8",
      }),
      mockMicrograph(21, { name: "running.dm4", status: "running", progress: 0.4, thumbnail: null }),
      mockMicrograph(22, {
        name: "broken.mrc",
        status: "failed",
        reason: "Expected 8 388 608 bytes of pixels after the header, found 12 288. Copy the file again.",
        thumbnail: null,
      }),
      mockMicrograph(23, {
        name: "scheme.png",
        content: "schematic",
        calibration: { state: "not-to-scale" },
      }),
    ],
    sources: [
      {
        id: "source0100",
        projectId: project.id,
        fileName: "notes.docx",
        bytes: 12000,
        sha256: null,
        format: null,
        status: "failed",
        progress: 0,
        reason: "Expected a micrograph (DM3, DM4, MRC, TIFF, PNG, JPEG), found a Word document.",
        micrographs: [],
        others: [],
        createdAt: "2026-11-22T10:00:00Z",
      },
    ],
    classes: [...defaultClasses] as Gallery["classes"],
    marks: {
      [members[0]!.id]: [
        { classId: defaultClasses[0]!.id, count: 3 },
        { classId: null, count: 2 },
      ],
    },
    series: [
      {
        id: "series0001",
        name: "In-situ sodiation",
        objectName: "wire 3",
        micrographIds: members.map(({ id }) => id),
      },
    ],
  };
}

/** What the mock knows; tests change it while it runs. */
export interface MockWorld {
  signedIn: boolean;
  admitted: boolean;
  /** The institute's sign-in, where the server has one. */
  institute: { readonly name: string } | null;
  projects: Project[];
  invitations: Invitation[];
  readonly calls: { readonly method: string; readonly path: string; readonly body: unknown }[];
}
