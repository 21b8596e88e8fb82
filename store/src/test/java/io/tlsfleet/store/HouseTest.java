package io.tlsfleet.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** Which way things may point in this room. */
class HouseTest {
    private static final JavaClasses STORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.tlsfleet.store");

    @Test
    void sawTheClassesItShould() {
        assertThat(STORE.contain(Database.class)).isTrue();
        assertThat(STORE.size()).isGreaterThan(40);
    }

    @Test
    void knowsNeitherScannerNorApiNorTheWire() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.tlsfleet.scanner..",
                        "io.tlsfleet.api..",
                        "io.tlsfleet.tls.wire..",
                        "io.tlsfleet.tls.handshake..")
                .check(STORE);
    }

    @Test
    void jdbcIsForMigrationsOnly() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Migrations.class.getName())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.postgresql..", "org.flywaydb..")
                .check(STORE);
    }

    @Test
    void theClockIsTheDatabases() {
        noClasses().should().callMethod(java.time.Instant.class, "now").check(STORE);
    }

    @Test
    void namesSayRoles() {
        classes()
                .should()
                .haveNameNotMatching(".*(Impl|Manager|Utils?|Helper|Base)$")
                .andShould()
                .haveNameNotMatching(".*\\.Abstract[A-Z].*")
                .check(STORE);
    }

    @Test
    void packagesDoNotTurnInCircles() {
        SlicesRuleDefinition.slices()
                .matching("io.tlsfleet.store.(*)..")
                .should()
                .beFreeOfCycles()
                .check(STORE);
    }
}
