package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.InstantSource;
import picocli.CommandLine;

/** What {@code scan} said and how it ended, called as a user does. */
record Said(int exit, String out, String err) {
    static Said scan(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new ScanCommand(InstantSource.system(), "test").described())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
        return new Said(exit, out.toString(), err.toString());
    }

    JsonNode report() {
        return Json.parse(out);
    }
}
