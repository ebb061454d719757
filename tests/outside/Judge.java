import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.StrictErrorHandler;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.Questionnaire;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/**
 * HAPI's validator as an outside judge. One JSON object a line in, one a line out:
 * {"know": resource} adds a form, profile or code list, {"judge": resource} answers with its issues,
 * measured by the profile named in "profile" as well if there is one.
 */
public final class Judge {
  private final FhirContext context = FhirContext.forR4();
  private final Forms forms = new Forms();
  private final PrePopulatedValidationSupport known = new PrePopulatedValidationSupport(context);
  private final ObjectMapper json = new ObjectMapper();
  private FhirValidator validator;

  /** Questionnaires by url and by url|version: HAPI's prepopulated support never looks at those it is given. */
  private final class Forms implements IValidationSupport {
    private final Map<String, IBaseResource> byUrl = new HashMap<>();

    @Override
    public FhirContext getFhirContext() {
      return context;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends IBaseResource> T fetchResource(Class<T> type, String url) {
      IBaseResource found = byUrl.get(url);
      return type != null && type.isInstance(found) ? (T) found : null;
    }
  }

  private void know(String text) {
    MetadataResource resource = (MetadataResource) strict().parseResource(text);
    if (resource instanceof Questionnaire) {
      forms.byUrl.put(resource.getUrl(), resource);
      forms.byUrl.put(resource.getUrl() + "|" + resource.getVersion(), resource);
    } else {
      known.addResource(resource);
    }
    validator = null;
  }

  private IParser strict() {
    return context.newJsonParser().setParserErrorHandler(new StrictErrorHandler());
  }

  private FhirValidator validator() {
    if (validator == null) {
      UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(context);
      unknown.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
      ValidationSupportChain chain =
          new ValidationSupportChain(
              forms,
              known,
              new DefaultProfileValidationSupport(context),
              new CommonCodeSystemsTerminologyService(context),
              new InMemoryTerminologyServerValidationSupport(context),
              new SnapshotGeneratingValidationSupport(context),
              unknown);
      FhirInstanceValidator instances = new FhirInstanceValidator(chain);
      instances.setAnyExtensionsAllowed(true);
      instances.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
      instances.setErrorForUnknownProfiles(false);
      validator = context.newValidator().registerValidatorModule(instances);
    }
    return validator;
  }

  private ArrayNode judge(String text, JsonNode profile) {
    ArrayNode issues = json.createArrayNode();
    ValidationOptions options = new ValidationOptions();
    if (profile != null) {
      options.addProfile(profile.asText());
    }
    for (SingleValidationMessage message : validator().validateWithResult(text, options).getMessages()) {
      ObjectNode issue = issues.addObject();
      issue.put("severity", message.getSeverity() == null ? "" : message.getSeverity().getCode());
      issue.put("at", message.getLocationString());
      issue.put("says", message.getMessage());
    }
    return issues;
  }

  private ObjectNode answer(String line) {
    ObjectNode answer = json.createObjectNode();
    try {
      JsonNode order = json.readTree(line);
      if (order.has("know")) {
        know(order.get("know").toString());
        answer.putArray("issues");
      } else {
        answer.set("issues", judge(order.get("judge").toString(), order.get("profile")));
      }
    } catch (Exception | LinkageError problem) {
      ObjectNode issue = answer.putArray("issues").addObject();
      issue.put("severity", "fatal").put("at", "").put("says", problem.toString());
    }
    return answer;
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Judge judge = new Judge();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      out.println(judge.answer(line));
    }
  }
}
