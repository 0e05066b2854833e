import { AutoRouter, cors, error, type IRequest, withContent } from "itty-router";

const { preflight, corsify } = cors({ origin: "https://a.example" });
const todos = new Map([["1", { id: "1", text: "write a test" }]]);

const router = AutoRouter({ before: [preflight], finally: [corsify] });

router
  .get("/", () => ({ hello: "itty" }))
  .get("/todos/:id", ({ params }: IRequest) => todos.get(params.id!) ?? error(404, "no such todo"))
  .post("/todos", withContent, ({ content }: IRequest) => ({ created: content }))
  .get("/files/:path+", ({ path }: IRequest) => path)
  .get("/query", ({ query }: IRequest) => query)
  .get("/throws", () => {
    throw new Error("thrown");
  });

export default router;
