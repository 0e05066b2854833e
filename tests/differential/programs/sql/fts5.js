// Full text search.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE VIRTUAL TABLE docs USING fts5 (title, body)");
    sql.exec("INSERT INTO docs VALUES ('One', 'the quick brown fox'), ('Two', 'jumps over the lazy dog'), ('Three', 'quick quick dog')");
    print("match", sql.exec("SELECT title FROM docs WHERE docs MATCH 'quick' ORDER BY rank").toArray());
    print("prefix", sql.exec("SELECT title FROM docs WHERE docs MATCH 'do*' ORDER BY rowid").toArray());
    print("column", sql.exec("SELECT title FROM docs WHERE docs MATCH 'title:one'").toArray());
    print("highlight", sql.exec("SELECT highlight(docs, 1, '[', ']') AS h FROM docs WHERE docs MATCH 'lazy'").toArray());
    print("snippet", sql.exec("SELECT snippet(docs, 1, '<', '>', '...', 3) AS s FROM docs WHERE docs MATCH 'fox'").toArray());
    print("bm25", sql.exec("SELECT title, bm25(docs) < 0 AS b FROM docs WHERE docs MATCH 'dog' ORDER BY bm25(docs)").toArray());
    sql.exec("CREATE VIRTUAL TABLE words USING fts5vocab (docs, 'row')");
    print("vocabulary", sql.exec("SELECT term, doc, cnt FROM words ORDER BY term LIMIT 3").toArray());
    await attempt("bad match", async () => sql.exec("SELECT * FROM docs WHERE docs MATCH '\"open'").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
