# cmake -DINPUT=sqlite3.c -DADDITIONS=sqlite_additions.c -DOUTPUT=<file> -P extend_sqlite.cmake
#
# SQLite's amalgamation with our additions behind it, and with two changes, each at places that must
# be there exactly once:
#  - every statement counts the rows that it read and wrote, which Durable Objects report as a
#    cursor's rowsRead and rowsWritten. SQLite itself counts neither. A row counts as read when a
#    cursor is moved onto it, and as written when a table or an index stores it; tables that SQLite
#    makes for itself do not count.
#  - the authorizer hears the new name in ALTER TABLE ... RENAME TO, so that a table cannot be given
#    a reserved one.
file(READ "${INPUT}" source)

# Adds `addition` behind the one occurrence of `place` that follows `label` (anywhere, when empty).
function(add_after label place addition)
  set(from 0)
  if(NOT label STREQUAL "")
    string(FIND "${source}" "${label}" from)
    string(FIND "${source}" "${label}" last REVERSE)
    if(from EQUAL -1 OR NOT from EQUAL last)
      message(FATAL_ERROR "SQLite's source has changed: \"${label}\" is not there once")
    endif()
  endif()
  string(SUBSTRING "${source}" ${from} -1 rest)
  string(FIND "${rest}" "${place}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "SQLite's source has changed: no \"${place}\" after \"${label}\"")
  endif()
  string(LENGTH "${place}" length)
  math(EXPR end "${from} + ${at} + ${length}")
  string(SUBSTRING "${source}" 0 ${end} head)
  string(SUBSTRING "${source}" ${end} -1 tail)
  set(source "${head}${addition}${tail}" PARENT_SCOPE)
endfunction()

set(stored "\n  if( !pC->isEphemeral ) p->nRowsWritten++;")
add_after("" "  u32 aCounter[9];        /* Counters used by sqlite3_stmt_status() */"
  "\n  sqlite3_uint64 nRowsRead;    /* Rows that cursors were moved onto */\n  sqlite3_uint64 nRowsWritten; /* Rows stored in tables and indexes */")
add_after("" "    rc = sqlite3BtreeCount(db, pCrsr, &nEntry);" "\n    p->nRowsRead += nEntry;")
add_after("\ncase OP_SeekLT:         /*" "      assert( res!=0 );\n      goto seek_not_found;\n    }\n  }"
  "\n  p->nRowsRead++;")
add_after("\ncase OP_NotExists:          /*" "  pC->seekResult = res;" "\n  p->nRowsRead++;")
add_after("\ncase OP_Insert: {" "  assert( (pOp->p5 & OPFLAG_LASTROWID)==0 || (pOp->p5 & OPFLAG_NCHANGE)!=0 );" "${stored}")
add_after("\ncase OP_Delete: {" "  if( opflags & OPFLAG_NCHANGE ){" "${stored}")
add_after("\ncase OP_Last: {" "  rc = sqlite3BtreeLast(pCrsr, &res);" "\n  if( rc==SQLITE_OK ) p->nRowsRead++;")
add_after("\ncase OP_Rewind: {" "  if( rc ) goto abort_due_to_error;" "\n  p->nRowsRead++;")
add_after("" "    p->aCounter[pOp->p5]++;" "\n    p->nRowsRead++;")
add_after("\ncase OP_IdxInsert: {" "  if( pOp->p5 & OPFLAG_NCHANGE ) p->nChange++;" "${stored}")
add_after("\ncase OP_Clear: {" "    p->nChange += nChange;" "\n    p->nRowsWritten += nChange;")
add_after("" "  rc = pModule->xNext(pCur->uc.pVCur);" "\n  if( rc==SQLITE_OK ) p->nRowsRead++;")
add_after("\ncase OP_VUpdate: {" "    }else{\n      p->nChange++;" "\n      p->nRowsWritten++;")

# The first of the authorizer's calls is RENAME TO's.
set(check "sqlite3AuthCheck(pParse, SQLITE_ALTER_TABLE, zDb, pTab->zName, ")
string(FIND "${source}" "void sqlite3AlterRenameTable(" rename)
if(rename EQUAL -1)
  message(FATAL_ERROR "SQLite's source has changed: no sqlite3AlterRenameTable()")
endif()
string(SUBSTRING "${source}" ${rename} -1 rest)
string(FIND "${rest}" "${check}0)" at)
string(FIND "${rest}" "exit_rename_table:" end)
if(at EQUAL -1 OR at GREATER end)
  message(FATAL_ERROR "SQLite's source has changed: RENAME TO is not authorized")
endif()
string(LENGTH "${check}" length)
math(EXPR zero "${rename} + ${at} + ${length}")
math(EXPR behind "${zero} + 1")
string(SUBSTRING "${source}" 0 ${zero} head)
string(SUBSTRING "${source}" ${behind} -1 tail)
set(source "${head}zName${tail}")

file(READ "${ADDITIONS}" additions)
file(WRITE "${OUTPUT}" "${source}\n${additions}")
