/** Runs in the page: whether a database of the window's state has the text in an open editor. The tests have no types of a browser. */
export const HAS_STORED = `async (text) => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db')) continue;
    const database = await done(indexedDB.open(name));
    try {
      for (const store of database.objectStoreNames) {
        const values = await done(database.transaction(store).objectStore(store).getAll());
        if (values.some((value) => String(value).includes('editorpart.state') && String(value).includes(text))) return true;
      }
    } finally {
      database.close();
    }
  }
  return false;
}`;
