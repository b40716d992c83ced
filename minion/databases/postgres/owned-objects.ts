/** What is in a database of PostgreSQL and belongs to another role than the one that is to own everything. */
import type { Postgres } from './psql.ts'
import { identifier, literal } from './sql-text.ts'

export interface OwnedObject {
  /** `TABLE "public"."a"`, as ALTER … OWNER TO names it. */
  readonly what: string
  readonly owner: string
}

const ofUsers = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
/** Members of extensions and sequences of columns follow what they belong to. */
const follows = (oid: string): string =>
  `EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = ${oid} AND d.deptype IN ('e', 'a', 'i') AND (d.deptype = 'e' OR d.refobjsubid > 0))`

export async function foreignObjects(owner: string, server: Postgres): Promise<OwnedObject[]> {
  const query = `WITH wanted AS (SELECT coalesce((SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${literal(owner)}), 0) AS oid)
  SELECT format('SCHEMA %I', n.nspname) AS what, pg_catalog.pg_get_userbyid(n.nspowner) AS owner
    FROM pg_catalog.pg_namespace n, wanted w WHERE ${ofUsers} AND n.nspowner <> w.oid
      AND pg_catalog.pg_get_userbyid(n.nspowner) <> 'pg_database_owner' AND NOT ${follows('n.oid')}
  UNION ALL
  SELECT format('%s %I.%I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
      WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname), pg_catalog.pg_get_userbyid(c.relowner)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, wanted w
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND ${ofUsers} AND c.relowner <> w.oid AND NOT ${follows('c.oid')}
  UNION ALL
  SELECT format('ROUTINE %s', p.oid::regprocedure), pg_catalog.pg_get_userbyid(p.proowner)
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace, wanted w
    WHERE ${ofUsers} AND p.proowner <> w.oid AND NOT ${follows('p.oid')}`
  return (await server.rows('objects of others', query)) as unknown as OwnedObject[]
}

export function ownerChanges(objects: readonly OwnedObject[], owner: string): { to: string; back: string } {
  const each = (ownerOf: (one: OwnedObject) => string): string =>
    [
      'BEGIN;',
      ...objects.map((one) => `ALTER ${one.what} OWNER TO ${identifier(ownerOf(one))};`),
      'COMMIT;',
    ].join('\n')
  return { to: each(() => owner), back: each((one) => one.owner) }
}
