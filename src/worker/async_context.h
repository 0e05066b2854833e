// Which invocation the running code belongs to, and which critical section of it: V8's
// continuation-preserved embedder data, which follows `await` and promise reactions by itself.
//
// Kept as one number, so that entering an invocation allocates nothing: the invocation alone is a
// small integer of V8; only code within a critical section pays for a heap number.
#pragma once

#include <v8.h>

#include "worker/event.h"

namespace selvage::worker {

struct AsyncContext {
  InvocationId invocation = 0;  // 0: outside of any
  SectionId section = 0;        // 0: outside of any; see Invocation::admits()
};

/// Inside the isolate.
AsyncContext async_context(v8::Isolate* isolate);
/// Inside the isolate. For the code that is called next, and what it causes.
void set_async_context(v8::Isolate* isolate, AsyncContext context);
/// Inside the isolate. From now on code belongs to no invocation.
void clear_async_context(v8::Isolate* isolate);

}  // namespace selvage::worker
