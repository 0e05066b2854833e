/* Added behind SQLite's amalgamation, whose inside it knows; never compiled alone. The contracts are
** in sqlite_additions.h. */

void sqlite3_selvage_rows(sqlite3_stmt *pStmt, sqlite3_uint64 *pRead, sqlite3_uint64 *pWritten){
  Vdbe *p = (Vdbe*)pStmt;
  *pRead = p->nRowsRead;
  *pWritten = p->nRowsWritten;
}

void sqlite3_selvage_reset_rows(sqlite3_stmt *pStmt){
  Vdbe *p = (Vdbe*)pStmt;
  p->nRowsRead = p->nRowsWritten = 0;
}

int sqlite3_selvage_begin(sqlite3 *db){
  if( !db->autoCommit ) return SQLITE_ERROR;
  db->autoCommit = 0;
  return SQLITE_OK;
}

void sqlite3_selvage_statement_memory(
  sqlite3_stmt *pStmt,
  void (*xAdd)(void*, const void*, size_t),
  void *pArg
){
  Vdbe *p = (Vdbe*)pStmt;
  int i;
  xAdd(pArg, p, sizeof(*p));
  xAdd(pArg, p->aOp, sizeof(Op)*p->nOp);
  xAdd(pArg, p->aMem, sizeof(Mem)*p->nMem);
  xAdd(pArg, p->apCsr, sizeof(p->apCsr[0])*p->nCursor);
  xAdd(pArg, p->aVar, sizeof(Mem)*p->nVar);
  for(i=0; i<p->nOp; i++){
    if( p->aOp[i].p4type==P4_KEYINFO ) xAdd(pArg, p->aOp[i].p4.pKeyInfo, sizeof(KeyInfo));
    if( p->aOp[i].p4type==P4_TABLE ) xAdd(pArg, p->aOp[i].p4.pTab, sizeof(Table));
  }
}

void sqlite3_selvage_connection_memory(
  sqlite3 *db,
  unsigned int iWritten,
  void (*xAdd)(void*, const void*, size_t),
  void *pArg
){
  enum { kPages = 6, kLine = 64, kHeader = 192 };
  Btree *p = db->aDb[0].pBt;
  BtShared *pBt = p->pBt;
  Pager *pPager = pBt->pPager;
  PCache *pPCache = pPager->pPCache;
  PCache1 *pCache = (PCache1*)pPCache->pCache;
  int nPage = 0;
  unsigned int i;
  xAdd(pArg, db, sizeof(*db));
  xAdd(pArg, db->aDb, sizeof(Db)*2);
  xAdd(pArg, db->aDb[0].pSchema, kLine);
  xAdd(pArg, p, sizeof(*p));
  xAdd(pArg, pBt, sizeof(*pBt));
  xAdd(pArg, pBt->pTmpSpace, 2*kLine);
  xAdd(pArg, pPager, sizeof(*pPager));
  xAdd(pArg, pPager->pTmpSpace, pPager->sectorSize);
  xAdd(pArg, pPager->fd, kLine);
  xAdd(pArg, pPager->jfd, sizeof(MemJournal));
  xAdd(pArg, pPCache, sizeof(*pPCache));
  xAdd(pArg, pCache, sizeof(*pCache));
  xAdd(pArg, pCache->apHash, sizeof(pCache->apHash[0])*pCache->nHash);
  for(i=0; i<pCache->nHash && nPage<kPages; i++){
    PgHdr1 *pPage;
    for(pPage=pCache->apHash[i]; pPage && nPage<kPages; pPage=pPage->pNext, nPage++){
      const char *aData = pPage->page.pBuf;
      xAdd(pArg, pPage, sizeof(*pPage));
      xAdd(pArg, pPage->page.pExtra, sizeof(PgHdr)+sizeof(MemPage));
      if( pPage->iKey==iWritten ){
        xAdd(pArg, aData, pCache->szPage);
      }else if( pPage->iKey==1 ){
        xAdd(pArg, aData, kHeader);
      }else{
        /* Where a small page has its header, and its first cells. */
        xAdd(pArg, aData, kLine);
        xAdd(pArg, aData+pCache->szPage-kLine, kLine);
      }
    }
  }
}
