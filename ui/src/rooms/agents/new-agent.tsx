import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { agentsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input, TextArea } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { say } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { putSetting } from "./queries.ts";

export function NewAgent({ taken }: { readonly taken: readonly string[] }) {
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [id, setId] = useState("");
  const [instructions, setInstructions] = useState("");
  const [models, setModels] = useState("demo/demo");
  const [tried, setTried] = useState(false);
  const chain = models.split(/\s+/).filter(Boolean);
  const wrong = !/^[\w-]{1,63}$/.test(id) || taken.includes(id);
  const create = useMutation({
    mutationFn: () => putSetting(`agents.${id}`, { ...(instructions.trim() && { instructions: instructions.trim() }), models: chain }),
    onSuccess: async () => {
      setOpen(false);
      say(words.agents.created(id));
      await cache.invalidateQueries(agentsQuery);
      await navigate({ to: "/agents/$id", params: { id } });
    },
  });
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        <Plus aria-hidden />
        {words.agents.add}
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        title={words.agents.add}
        act={words.agents.create}
        busy={create.isPending}
        error={create.error}
        onSubmit={() => {
          setTried(true);
          if (!wrong && chain.length > 0) create.mutate();
        }}
      >
        <Field label={words.agents.name} error={tried && wrong ? words.agents.nameWrong : undefined}>
          {(described) => (
            <Input {...described} value={id} maxLength={63} spellCheck={false} onChange={({ target }) => setId(target.value)} />
          )}
        </Field>
        <Field label={words.agents.instructions} optional>
          {(described) => (
            <TextArea {...described} rows={6} value={instructions} onChange={({ target }) => setInstructions(target.value)} />
          )}
        </Field>
        <Field
          label={words.agents.models}
          hint={words.agents.modelsHint}
          error={tried && chain.length === 0 ? words.agents.modelsMissing : undefined}
        >
          {(described) => (
            <TextArea {...described} rows={2} spellCheck={false} value={models} onChange={({ target }) => setModels(target.value)} />
          )}
        </Field>
      </FormDialog>
    </>
  );
}
