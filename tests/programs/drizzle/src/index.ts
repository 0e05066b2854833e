// A library in SQLite, by way of drizzle-orm: migrations when the object starts, and queries.
import { DurableObject } from "cloudflare:workers";
import { and, count, desc, eq, like, sql } from "drizzle-orm";
import { drizzle, type DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import migrations from "../drizzle/migrations.js";
import * as schema from "./schema.ts";

const { authors, books } = schema;
type Env = { LIBRARY: DurableObjectNamespace<Library> };

export class Library extends DurableObject<Env> {
  readonly #database: DrizzleSqliteDODatabase<typeof schema>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#database = drizzle(ctx.storage, { schema, logger: false });
    void ctx.blockConcurrencyWhile(() => migrate(this.#database, migrations));
  }

  override async fetch(request: Request): Promise<Response> {
    const use = this.#uses[new URL(request.url).pathname.slice(1)];
    if (use === undefined) return new Response("no such query", { status: 404 });
    return Response.json((await use()) ?? null);
  }

  readonly #uses: Record<string, () => unknown> = {
    fill: async () => {
      const [ada] = await this.#database.insert(authors).values({ name: "Ada" }).returning();
      const [bob] = await this.#database.insert(authors).values({ name: "Bob" }).returning();
      await this.#database.insert(books).values([
        { title: "Engines", authorId: ada!.id, tags: ["history", "machines"], published: new Date(86_400_000) },
        { title: "Notes", authorId: ada!.id, lent: true },
        { title: "Nets", authorId: bob!.id, tags: ["fish"] },
      ]);
      return [ada, bob];
    },
    all: () => this.#database.select().from(books).orderBy(desc(books.title)),
    where: () => this.#database.select({ title: books.title }).from(books).where(and(like(books.title, "N%"), eq(books.lent, false))),
    join: () =>
      this.#database.select({ name: authors.name, books: count(books.id) }).from(authors)
        .leftJoin(books, eq(books.authorId, authors.id)).groupBy(authors.id).orderBy(authors.name),
    relations: () => this.#database.query.authors.findMany({ with: { books: { columns: { title: true, tags: true } } } }),
    update: () => this.#database.update(books).set({ lent: true, tags: ["x"] }).where(eq(books.title, "Nets")).returning(),
    remove: () => this.#database.delete(books).where(eq(books.lent, true)).returning({ title: books.title }),
    upsert: () =>
      this.#database.insert(authors).values({ name: "Ada" }).onConflictDoUpdate({ target: authors.name, set: { name: "Ada L." } }).returning(),
    get: () => this.#database.select().from(authors).where(eq(authors.name, "Ada")).get(),
    prepared: () => this.#database.select({ name: authors.name }).from(authors).where(eq(authors.id, sql.placeholder("id"))).prepare().all({ id: 2 }),
    raw: () => this.#database.all(sql`select ${"a"} || ${1} as joined, typeof(${2.5}) as kind`),
    rollback: () => {
      try {
        this.#database.transaction((transaction) => {
          transaction.insert(authors).values({ name: "Nobody" }).run();
          transaction.rollback();
        });
      } catch (error) {
        return [(error as Error).message, this.#database.select({ n: count() }).from(authors).get()];
      }
      return "not rolled back";
    },
    unique: async () => {
      try {
        await this.#database.insert(authors).values({ name: "Bob" });
      } catch (error) {
        return /UNIQUE constraint failed: authors.name/.test(String((error as Error & { cause?: Error }).cause ?? error));
      }
      return "no error";
    },
    migrations: () => this.#database.all(sql`select count(*) as done from __drizzle_migrations`),
  };
}

export default {
  async fetch(request, env) {
    return await env.LIBRARY.getByName("main").fetch(request);
  },
} satisfies ExportedHandler<Env>;
