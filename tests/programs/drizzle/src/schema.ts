import { relations, sql } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const authors = sqliteTable("authors", {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull().unique(),
});

export const books = sqliteTable("books", {
  id: integer().primaryKey({ autoIncrement: true }),
  title: text().notNull(),
  authorId: integer("author_id").notNull().references(() => authors.id),
  tags: text({ mode: "json" }).$type<string[]>().notNull().default(sql`'[]'`),
  published: integer({ mode: "timestamp" }),
  lent: integer({ mode: "boolean" }).notNull().default(false),
});

export const authorRelations = relations(authors, ({ many }) => ({ books: many(books) }));
export const bookRelations = relations(books, ({ one }) => ({
  author: one(authors, { fields: [books.authorId], references: [authors.id] }),
}));
