import { expect } from "vitest";
import type { DatabaseStack } from "./databases.ts";

/** An application's user, who is no administrator, makes a trigger and a function and uses both. */
export async function makesRoutines(db: DatabaseStack, client: string): Promise<void> {
    const sql = (text: string) => db.sql(client, text);
    await sql("CREATE OR REPLACE TABLE orders (n INT PRIMARY KEY)");
    await sql("CREATE OR REPLACE TABLE orders_log (n INT)");
    await sql("CREATE OR REPLACE FUNCTION doubled(n INT) RETURNS INT RETURN 2 * n");
    await sql(
        "CREATE OR REPLACE TRIGGER logged AFTER INSERT ON orders FOR EACH ROW INSERT INTO orders_log VALUES (doubled(NEW.n))",
    );
    await sql("INSERT INTO orders VALUES (21)");
    expect(await sql("SELECT n FROM orders_log")).toBe("42");
}
