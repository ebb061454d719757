import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.param.DateRangeParam;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Task;

/** Submit, poll and cancel a referral with HAPI's generic client. RELAIS and TOKEN come from the environment. */
public final class HapiHospital {
  public static void main(String[] arguments) throws Exception {
    FhirContext context = FhirContext.forR4();
    IGenericClient client = context.newRestfulGenericClient(System.getenv("RELAIS") + "/referrals/fhir");
    client.registerInterceptor(new BearerTokenAuthInterceptor(System.getenv("TOKEN")));
    String number = System.getenv().getOrDefault("NUMBER", String.valueOf(System.currentTimeMillis()));
    String text = Files.readString(Path.of(arguments[0])).replace("2026-000002", number);
    Bundle bundle = context.newJsonParser().parseResource(Bundle.class, text);
    ServiceRequest demand =
        bundle.getEntry().stream()
            .map(Bundle.BundleEntryComponent::getResource)
            .filter(ServiceRequest.class::isInstance)
            .map(ServiceRequest.class::cast)
            .findFirst()
            .orElseThrow();
    Identifier identifier = demand.getIdentifierFirstRep();
    Date began = new Date();

    Bundle answer = client.transaction().withBundle(bundle).execute();
    String task =
        answer.getEntry().stream()
            .map(entry -> entry.getResponse().getLocation())
            .filter(place -> place.startsWith("Task/"))
            .findFirst()
            .orElseThrow()
            .split("/")[1];

    // The same demand once more: the server says that it has it already.
    MethodOutcome again =
        client
            .create()
            .resource(demand)
            .conditional()
            .where(ServiceRequest.IDENTIFIER.exactly().systemAndIdentifier(identifier.getSystem(), identifier.getValue()))
            .execute();

    Bundle polled =
        client
            .search()
            .forResource(Task.class)
            .lastUpdated(new DateRangeParam(began, null))
            .include(Task.INCLUDE_FOCUS)
            .returnBundle(Bundle.class)
            .execute();
    String seen =
        polled.getEntry().stream()
            .map(Bundle.BundleEntryComponent::getResource)
            .filter(each -> each instanceof Task && each.getIdElement().getIdPart().equals(task))
            .map(each -> ((Task) each).getStatus().toCode())
            .findFirst()
            .orElseThrow();

    Parameters patch = new Parameters();
    Parameters.ParametersParameterComponent operation = patch.addParameter().setName("operation");
    operation.addPart().setName("type").setValue(new CodeType("replace"));
    operation.addPart().setName("path").setValue(new StringType("Task.status"));
    operation.addPart().setName("value").setValue(new CodeType("cancelled"));
    Task read = client.read().resource(Task.class).withId(task).execute();
    client.patch().withFhirPatch(patch).withId(read.getIdElement()).execute();
    Task cancelled = client.read().resource(Task.class).withId(task).execute();
    System.out.printf(
        "{\"task\": \"%s\", \"created_again\": %s, \"polled\": \"%s\", \"status\": \"%s\"}%n",
        task, Boolean.TRUE.equals(again.getCreated()), seen, cancelled.getStatus().toCode());
  }
}
