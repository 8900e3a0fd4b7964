import type * as Y from "yjs";
import type { InvalidRecord } from "#core/schema/annotation.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { validator as annotationClass } from "#core/schema/records/annotation-class.ts";
import { type InterfaceRecord, validator as interfaceRecord } from "#core/schema/records/interface.ts";
import { type MeasuredObject, validator as measuredObject } from "#core/schema/records/object.ts";
import { type Series, validator as series } from "#core/schema/records/series.ts";
import { putRecord, readCollection } from "./record-collection.ts";

/** The room `project:<id>:shared`: what the marks of a project's micrographs refer to. Written by the server only. */
const classes = { name: "classes", validator: annotationClass };
const objects = { name: "objects", validator: measuredObject };
const interfaces = { name: "interfaces", validator: interfaceRecord };
const seriesRecords = { name: "series", validator: series };

export interface SharedRecords {
  readonly classes: ReadonlyMap<string, AnnotationClass>;
  readonly objects: ReadonlyMap<string, MeasuredObject>;
  readonly interfaces: ReadonlyMap<string, InterfaceRecord>;
  readonly series: ReadonlyMap<string, Series>;
  readonly invalid: readonly InvalidRecord[];
}

/** Everything in a project's shared room that can be read. */
export function readShared(doc: Y.Doc): SharedRecords {
  const invalid: InvalidRecord[] = [];
  return {
    classes: readCollection(doc, classes, invalid),
    objects: readCollection(doc, objects, invalid),
    interfaces: readCollection(doc, interfaces, invalid),
    series: readCollection(doc, seriesRecords, invalid),
    invalid,
  };
}

export function putClass(doc: Y.Doc, value: AnnotationClass): void {
  putRecord(doc, classes, value.id, value);
}

export function putObject(doc: Y.Doc, value: MeasuredObject): void {
  putRecord(doc, objects, value.id, value);
}

export function putInterface(doc: Y.Doc, value: InterfaceRecord): void {
  putRecord(doc, interfaces, value.id, value);
}

/**
 * Give an interface its first record, under a name that no other of the project has: "Interface 2" moves on to the lowest
 * free number. One that has a record keeps it. The server serialises these writes, so browsers that name at once agree.
 */
export function nameInterface(doc: Y.Doc, value: InterfaceRecord): void {
  const known = readCollection(doc, interfaces, []);
  if (known.has(value.id)) return;
  const taken = new Set([...known.values()].map(({ name }) => name));
  putInterface(doc, { ...value, name: taken.has(value.name) ? nextFree(value.name, taken) : value.name });
}

function nextFree(name: string, taken: ReadonlySet<string>): string {
  const stem = name.replace(/ \d+$/, "");
  for (let number = 1; ; number++) {
    const free = `${stem} ${number}`;
    if (!taken.has(free)) return free;
  }
}

export function putSeries(doc: Y.Doc, value: Series): void {
  putRecord(doc, seriesRecords, value.id, value);
}
