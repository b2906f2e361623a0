CREATE TABLE "InventoryItem" (
    "sku" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "updatedAt" DATETIME NOT NULL
);

CREATE TABLE "Sale" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sku" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "soldAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "pushedAt" DATETIME
);
CREATE INDEX "Sale_pushedAt_idx" ON "Sale"("pushedAt");

CREATE TABLE "event_log" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "eventType" TEXT NOT NULL,
    "aggregateId" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "metadata" JSONB,
    "timestamp" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX "event_log_timestamp_idx" ON "event_log"("timestamp");
CREATE INDEX "event_log_eventType_timestamp_idx" ON "event_log"("eventType", "timestamp");

CREATE VIEW "EventLog" AS
SELECT "id", "eventType", "aggregateId", "payload", "metadata",
    strftime('%Y-%m-%d %H:%M:%f', "timestamp") AS "timestamp"
FROM "event_log";
