import type { Sql } from "#server/jobs/sql.ts";
import type { Catalogue } from "#server/storage/catalogue.ts";
import { createGroupsTable } from "./groups-table.ts";
import { createPeopleTable } from "./people-table.ts";
import { createProjectsTable } from "./projects-table.ts";
import { createVisitsTable } from "./visits-table.ts";

/** The catalogue of people and projects in the relational store. */
export function createSqlCatalogue(sql: Sql): Catalogue {
  return {
    ...createPeopleTable(sql),
    ...createGroupsTable(sql),
    ...createProjectsTable(sql),
    ...createVisitsTable(sql),
  };
}
