package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator says of a target counts for what is stored of it, not only for what is scanned once something differs. */
class ChangedTargetTest {
    private final RunningApi api = new RunningApi();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void anotherPolicyJudgesWhatIsStoredAtOnce() {
        long id = api.post("/api/v1/targets", "{\"host\": \"a.example\"}")
                .json()
                .path("id")
                .asLong();
        new Scanned(api).accepting("TLSv1.2", "TLSv1.3");
        assertThat(open("protocol.not-in-policy")).isZero();
        assertThat(api.patch("/api/v1/targets/" + id, "{\"policy\": \"high-security\"}")
                        .status())
                .isEqualTo(200);
        assertThat(open("protocol.not-in-policy")).isOne();
        api.post("/api/v1/targets", "{\"host\": \"a.example\"}");
        assertThat(open("protocol.not-in-policy")).as("added again without it").isZero();
    }

    @Test
    void whatAnImportSaysIsJudgedWithTheNextScanThoughThatFindsNothingElse() {
        api.post("/api/v1/targets", "{\"host\": \"a.example\"}");
        Scanned worker = new Scanned(api);
        worker.accepting("TLSv1.2", "TLSv1.3");
        assertThat(api.send(
                                "POST",
                                "/api/v1/targets/import",
                                "host,policy\na.example,high-security\n",
                                "Authorization",
                                "Bearer " + api.admin.text(),
                                "Content-Type",
                                "text/csv")
                        .status())
                .isEqualTo(200);
        api.database.sql().change("UPDATE schedule SET next_at = now()");
        assertThat(worker.accepting("TLSv1.2", "TLSv1.3")).isOne();
        assertThat(open("protocol.not-in-policy")).isOne();
    }

    private int open(String rule) {
        return api.get("/api/v1/findings?state=open&rule=" + rule)
                .json()
                .path("items")
                .size();
    }
}
