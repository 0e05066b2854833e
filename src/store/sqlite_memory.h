// Where SQLite's memory comes from: a HugePageHeap, and beyond it the general allocator.
#pragma once

namespace selvage::store {

/// Before SQLite is used for the first time; later calls do nothing. Any thread. Under the address
/// sanitizer, SQLite keeps the general allocator, which knows more about misuse.
void prepare_sqlite_memory();

/// Gives the system back what SQLite does not use now. Any thread; may take milliseconds.
void release_sqlite_memory();

}  // namespace selvage::store
