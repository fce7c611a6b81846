# Every sentence and word that skuferry shows, in the Portuguese of Portugal. Project Fluent: https://projectfluent.org/fluent/guide/
# Ids begin with what they are about. A count is `{ $count }` and picks its plural by a selector; names come as they are.
# A message begins with a small letter where it stands in the middle of a line.

## Counts with their nouns

count-users = { $count ->
    [one] { $count } utilizador
   *[other] { $count } utilizadores
}

## What a run says when it ends

run-rolled-back = { $count ->
    [one] ; { $count } utilizador foi revertido
   *[other] ; { $count } utilizadores foram revertidos
}

## Where a user stands

standing-on-source = na origem
standing-on-target = no destino
standing-processing = em processamento
standing-ready = pronto
standing-ready-in-conflict = pronto · conflito esperado
standing-migrated = migrado
standing-rolled-back = revertido
standing-old-license-stays = licença antiga fica
standing-new-license-stays = licença nova fica
standing-stuck = retido
standing-lost-part = perdeu uma parte
standing-no-license = SEM LICENÇA
standing-deleted = eliminado
standing-not-read = ainda não lido
standing-with-detail = { $standing } · { $detail }
# Who holds a license that stays.
standing-holder-not-processed = ainda não processado
standing-holder-dependency = outro produto usa-a
standing-holder-direct = atribuída diretamente
standing-holder-group = vem de outro grupo
standing-holder-unnamed = proveniência não indicada
# What keeps a stuck user.
standing-trouble-target-elsewhere = o destino vem de outro lado
standing-trouble-source-elsewhere = a origem vem de outro lado
standing-trouble-unexplained = licença sem proveniência
# $word is Microsoft Graph's own, such as CountViolation.
standing-trouble-cause = { $cause } ({ $word })
standing-trouble-state = no estado { $word }
standing-trouble-of-product = { $cause }: { $product }
standing-cause-no-seat = sem licenças disponíveis
standing-cause-excluded = outra licença exclui-a
standing-cause-dependency = outro produto precisa dela ou faz-lhe falta
standing-cause-location = não disponível no país do utilizador
standing-cause-address = endereço de e-mail em uso
standing-cause-other = causa não indicada
standing-flaw-excluded = { $by } exclui { $product }
standing-flaw-excluded-by-waiting = { $by } está à espera e exclui { $product }
standing-flaw-unexplained = um conflito de { $product } sem explicação
standing-flaw-needs = a { $plan } de { $product } falta aquilo de que precisa
standing-flaw-no-seat = sem licenças disponíveis de { $product }
standing-flaw-unknown-plans = os planos de { $product } não são conhecidos
standing-flaw-fails-elsewhere = { $product } falha noutro lado: { $error }
standing-flaw-not-usable = a subscrição de { $product } está no estado { $status }
standing-flaw-no-longer-assigned = o grupo de destino já não atribui { $product }
standing-flaw-loses-service = { $service } seria perdido
standing-flaw-location = a localização de utilização mudou de { $from } para { $to } desde a verificação prévia
standing-no-location = nenhuma
# Core services.
standing-service-exchange = Exchange
standing-service-sharepoint = SharePoint ou OneDrive
standing-service-teams = Teams
standing-service-apps = as aplicações de ambiente de trabalho

## Why something that the operator asks for is not done

refusal-complete = migração concluída: não há mais nada para aprovar
refusal-nobody-ready = nenhum utilizador está pronto: corrija o que a verificação prévia encontrou e volte a verificar com p
refusal-preflighting = a verificação prévia ainda está a ler o inquilino
refusal-waits-its-turn = { $batch } aguarda a sua vez
refusal-canary-first = { $batch }: o canário vai primeiro e ainda não chegou
refusal-no-batch = esse lote não existe
refusal-adding = { $count ->
    [one] a adicionar: falta adicionar { $count } utilizador
   *[other] a adicionar: falta adicionar { $count } utilizadores
}
refusal-removing = { $count ->
    [one] a remover: falta remover { $count } utilizador
   *[other] a remover: falta remover { $count } utilizadores
}
refusal-licensing = { $count ->
    [one] a escrever: falta tratar das licenças de { $count } utilizador
   *[other] a escrever: falta tratar das licenças de { $count } utilizadores
}
refusal-outcomes-unknown = { $count ->
    [one] o resultado de uma escrita ainda não é conhecido: o inquilino está a ser consultado
   *[other] o resultado de { $count } escritas ainda não é conhecido: o inquilino está a ser consultado
}
refusal-group = { $problem }: corrija, e a leitura repete-se por si
refusal-batch-being-checked = o lote está a ser verificado
refusal-plan = { $problem }: corrija e volte a verificar com p
refusal-nobody-of-batch-ready = nenhum utilizador do lote está pronto
refusal-all-removed = todas as remoções estão confirmadas
refusal-not-safe-yet = ainda não é seguro remover: { $count } do lote
refusal-finishing = nada para aprovar: o licenciamento está a terminar este lote
refusal-batch-complete = o lote está concluído
refusal-stale = a pergunta ficou desatualizada: prima a e leia-a de novo
refusal-stale-request = a pergunta ficou desatualizada: pergunte de novo
refusal-halted-again = a execução foi parada por outro motivo entretanto: leia-o primeiro
refusal-not-in-run = este utilizador não faz parte da execução
refusal-writing-halt-first = há escritas em curso: pare-as primeiro com H
refusal-writing-wait = há escritas em curso: espere que terminem ou pare-as com H
refusal-alarm-waits = há um alarme por reconhecer: prima a
refusal-halted = a execução está parada e nada é escrito até levantar a paragem: prima a
refusal-nobody-named = ninguém foi indicado
refusal-not-in-batch = { $user } não está no lote em curso
refusal-excluded-already = { $user } já está excluído
refusal-excluded = { $user } está excluído do lote
refusal-write-under-way = há uma escrita em curso para { $user }: espere pelo resultado
refusal-write-unknown = ainda não se sabe o que aconteceu a uma escrita para { $user }: espere por isso
refusal-nothing-to-roll-back = nada foi escrito para { $user }: não há nada para reverter
refusal-rolled-back-already = { $user } já foi revertido
refusal-being-rolled-back = { $user } está a ser revertido
refusal-not-in-group-yet = { $user } ainda não está no grupo: não há nada para reprocessar
refusal-nothing-wrong = não há nada de errado com as licenças de { $user }
refusal-not-there = { $user } não existe, não pode ser reprocessado
refusal-not-left-yet = { $user } ainda não saiu do grupo: a atribuição direta de { $old } pode sair depois da remoção
refusal-only-license = { $user } ainda não tem { $new }: se tiver { $old } diretamente, pode ser tudo o que tem. R reverte
refusal-no-direct-license = nenhuma atribuição direta de { $old } impede { $user }

## Small words

# Between two of a list; the spaces stand in quotes.
word-and = { " " }e{ " " }
word-or = { " " }ou{ " " }
word-end = { $end ->
    [source] de origem
   *[target] de destino
}

## Seats

seats-short = { seats-free }, { $needed ->
    [one] { $needed } é necessária
   *[other] { $needed } são necessárias
}
seats-free = { $free ->
    [one] { $free } licença disponível
   *[other] { $free } licenças disponíveis
}
seats-short-of-product = { $free ->
    [one] { $free } licença de { $product } disponível
   *[other] { $free } licenças de { $product } disponíveis
}, { $needed ->
    [one] { $needed } é necessária
   *[other] { $needed } são necessárias
}

seats-fit = { $count ->
    [0] não chega para ninguém
    [one] chega para o primeiro utilizador
   *[other] chega para os primeiros { $count } utilizadores
}
seats-and-fit = { $short }; { seats-fit }
seats-later = { $short }, e mais { $count } para quem vem depois

## Preflight: what is wrong with the plan as a whole

problem-nobody-listed = a lista não tem ninguém, por isso não há ninguém para migrar
problem-rows-passed-over = { $count ->
    [one] { $count } linha da lista foi ignorada: { $rows }
   *[other] { $count } linhas da lista foram ignoradas: { $rows }
}
problem-rows-and-more = { $rows }; e mais { $count }
problem-row-comment = linha { $line } (um comentário): { $text }
problem-row-example = linha { $line } (o exemplo do modelo): { $text }
problem-row-header = a linha { $line } parece um cabeçalho: { $text }
problem-row-header-again = linha { $line } (de novo o cabeçalho): { $text }
problem-disproved = { $count ->
    [one] { $count } utilizador tem
   *[other] { $count } utilizadores têm
} { $one } e { $other } lado a lado, que se excluem segundo a lista da Microsoft: isso não conta contra ninguém
problem-lacks-permission = ao início de sessão falta a permissão { $permission }
problem-sku-ambiguous = o inquilino tem o SKU { word-end } { $sku } mais de uma vez, { $ids }, e o grupo "{ $group }" não diz qual; indique o skuId em sku
problem-no-subscription = o inquilino não tem nenhuma subscrição do SKU { word-end } { $sku }
problem-not-for-users = o SKU { word-end } { $sku } é licenciado por empresa, não por utilizador
problem-no-group = o inquilino não tem o grupo { word-end } { $group }
problem-not-assigned = o grupo { word-end } "{ $group }" não atribui { $product }
problem-dynamic = uma regra decide quem está no grupo { word-end } "{ $group }"
problem-synced = o grupo { word-end } "{ $group }" é sincronizado a partir do local; é lá que os membros mudam
problem-mail-enabled = o grupo { word-end } "{ $group }" tem correio ativado; o Graph não escreve os seus membros
problem-holds-roles = o grupo { word-end } "{ $group }" pode ter funções de diretório; mudar os seus membros exige RoleManagement.ReadWrite.Directory
problem-restricted = o grupo { word-end } "{ $group }" está numa unidade administrativa restrita
problem-seats-short = { $short }; { seats-fit }
problem-unusable = a subscrição de { $product } está no estado { $status }: nenhuma das suas licenças pode ser utilizada
problem-loses-products = "{ $group }" também atribui { $products }; os utilizadores perdem-no com o grupo
problem-brings-products = "{ $group }" também atribui { $products }; se um produto de um grupo falhar para um utilizador, nenhum é atribuído
problem-loses-service = os utilizadores perdem { $service }: "{ $group }" não traz nada em vez de { $plans }; { $accepted ->
    [yes] accept_losses, na configuração, permite-o
   *[no] se for intencional, indique "{ $word }" em accept_losses, em [migration]
}
problem-plans-gone = "{ $group }" não traz { $plans }
problem-plans-lower = "{ $group }" traz { $plans }
problem-plan-instead = { $to } em vez de { $from }
problem-subscription = { $product }: { $caution }
# $seats is empty, or problem-of-seats.
problem-of-seats = { $count ->
    [one] { " " }de { $count } licença
   *[other] { " " }de { $count } licenças
}
problem-subscription-in-grace = uma subscrição{ $seats } terminou e está no período de tolerância
problem-subscription-in-grace-until = uma subscrição{ $seats } terminou e está no período de tolerância até { $day }
problem-subscription-trial = uma subscrição{ $seats } é de avaliação
problem-subscription-trial-ends = uma avaliação{ $seats } termina a { $day } se não for renovada
problem-subscription-ends = uma subscrição{ $seats } termina a { $day } se não for renovada
problem-seats-in-grace = { $count ->
    [one] { $product }: { $count } licença é de uma subscrição no período de tolerância
   *[other] { $product }: { $count } licenças são de uma subscrição no período de tolerância
}

## Preflight: what is wrong about one user

reason-disabled = a conta { $user } está desativada; as suas licenças migram na mesma
reason-no-usage-location = não há localização de utilização definida; a licença de um grupo usa a do diretório
reason-older-edition = { $reason }, por uma edição anterior da lista da Microsoft
reason-source-in-state = { $product } de "{ $group }" está no estado { $state }
reason-source-unnamed = { $product } está atribuído, mas o Graph não diz de onde vem
reason-source-not-from-group = { $product } não vem de "{ $group }"
reason-also-direct = { $product } também está atribuído diretamente
reason-also-from-group = { $product } também vem do grupo "{ $group }"
reason-held-already = { $product } já está atribuído
reason-in-error-already = { $product } já está em erro: { $word }
reason-not-found = linha { $line }: o inquilino não tem o utilizador { $given }
reason-malformed = linha { $line }: { $given } não é um nome principal de utilizador nem um ID de objeto
reason-duplicate = linha { $line }: { $user } já está na linha { $first }
reason-excludes = { $by } exclui { $product }
reason-may-exclude = os planos de { $by } não são conhecidos, por isso pode excluir { $product }
reason-group-excludes-itself = "{ $group }" atribui { $product } e { $by }, que se excluem
reason-waits-from-group = { $by } está à espera a partir do grupo "{ $group }" e { reason-surely-excludes } { $product }: pode prevalecer quando a licença de origem sair
reason-waits-direct = { $by } está à espera como licença direta e { reason-surely-excludes } { $product }: pode prevalecer quando a licença de origem sair
reason-surely-excludes = { $surely ->
    [yes] exclui
   *[no] pode excluir
}
reason-plans-unknown = os planos de { $product }, que o grupo de destino atribui, não são conhecidos
reason-fails-elsewhere = { $product } já falha com { $error }, e os produtos do grupo de destino também falhariam
reason-nothing-brings = { $plan } de { $product } precisa de um serviço que nada traz depois de a origem sair
reason-needs-source = { $plan } de { $product } precisa de { $needs }, que só a origem traz

## What happened to one user

event-user-added-to-target = adicionado ao grupo de destino
event-user-added-to-source = adicionado ao grupo de origem
event-user-removed-from-source = removido do grupo de origem
event-user-removed-from-target = removido do grupo de destino
event-user-reprocessed = reprocessado
event-user-rid-of-direct-license = sem a licença direta
event-user-not-done = não { $done }: { $fault }
event-user-perhaps-done = talvez { $done }: { $fault }
event-user-read-back-done = { $done }, como mostra a nova leitura
event-user-read-back-not-done = não { $done }, como mostra a nova leitura
event-user-went-back = recuou: { $standing }
event-user-by-others = { $standing }, mas não pela nossa remoção
event-user-not-removed = não removido: { $why }
event-user-excluded = excluído por { $by }
event-user-explained = o registo de auditoria diz: { $why }
event-user-taken-back = reversão pedida por { $by }

## Why the last look before a removal proved nothing

reason-proof-different-users = as duas leituras são de utilizadores diferentes
reason-proof-before-the-write = uma leitura começou antes de a última escrita ser confirmada
reason-proof-not-in-order = as duas leituras não foram seguidas
reason-proof-disagree = duas leituras não coincidem: { $first }, depois { $last }
reason-proof-not-safe = com "{ $standing }" não é seguro remover
reason-proof-too-old = a última leitura é demasiado antiga
reason-proof-not-looked = não foi possível fazer a última leitura
reason-proof-not-added = a adição não foi confirmada
reason-proof-not-removed = a remoção não foi confirmada
reason-proof-not-in-group = não aparece no grupo para onde foi
reason-proof-group-not-read = não é possível ler se está no grupo para onde foi: { $fault }
reason-proof-seen-while-waiting = { $standing } foi visto enquanto a escrita esperava para ser enviada

## What failed, or has to wait

wait-preflight = a verificação prévia
wait-batch-preflight = a verificação prévia do lote
wait-groups-and-skus = os grupos e os SKU
wait-verify-pass = a passagem de verificação
wait-user = um utilizador
wait-group = um grupo
wait-membership = a pertença a um grupo
wait-groups = a leitura dos grupos
wait-last-look = a última leitura
wait-addition = uma adição
wait-removal = uma remoção
wait-reprocess = um reprocessamento
wait-direct-license = uma licença direta

## What went wrong with a request. Microsoft Graph's own words are shown as they came

error-with-details = { $message } ({ $details })
error-taken-out = outra pessoa voltou a retirar o utilizador depois de ele ser { $done }
error-put-back = outra pessoa voltou a pôr o utilizador depois de ele ser { $done }
error-not-in-effect = a nova leitura mostra que não teve efeito
error-said-two-things = a resposta disse duas coisas sobre este utilizador
error-not-mentioned = a resposta não mencionou este utilizador
error-halted-before-sent = a escrita foi parada antes do envio
error-group-wrong = { $problem }, por isso não foi enviado
error-canary-first = uma remoção do canário tem de ser repetida primeiro, por isso não foi enviado
error-sign-in-failed = o início de sessão falhou; a execução espera e continua por si quando ele funcionar: { $said }
error-no-answer = sem resposta
error-missing-permission = { $said } É necessário: { $permission }.
error-permission-and-license-role = { $permission } e uma função como Administrador de Licenças
error-permission-and-group-role = { $permission } e uma função que possa mudar os membros deste grupo
error-and-wait = { $said }; { $wait }
error-long-wait = o serviço pediu para não ser consultado durante { $asked }; volta a ser consultado daqui a { $left }, ou já com `p`
error-too-long-wait = o serviço pediu para não ser consultado durante mais tempo do que esperamos
error-one-user = o Graph recusa isto para este utilizador, mas não para outros: { $said }
error-about-user = { $user }: { $said }
error-would-delete-user = uma remoção sem /$ref eliminaria o utilizador
error-halted = a escrita foi parada
error-proof-too-old = a prova ficou demasiado antiga antes de a escrita poder sair
error-unknown-before = não enviado, porque ainda não se sabe o que aconteceu ao pedido anterior
error-not-graphs-page = a resposta { $status } não é do Microsoft Graph: "{ $excerpt }"
error-silent-answer = o serviço respondeu { $status } e não disse porquê
error-no-url = não é possível construir o URL: { $why }
error-no-answer-came = não chegou nenhuma resposta: { $why }
error-took-too-long = demorou demasiado
error-cut-off = a resposta foi cortada: { $why }
error-too-large = a resposta tem mais de { $most }, por isso não é do Microsoft Graph e não foi lida; veja o que responde neste endereço
error-no-tls = não é possível criar um cliente TLS: { $why }
error-other-group = o Graph respondeu com outro grupo
error-other-user = o Graph respondeu com outro utilizador
error-circle = as páginas do Graph andam em círculo
error-endless = as páginas do Graph não terminam; nada foi aproveitado delas. Uma lista pode ter no máximo { $entries } entradas em { $pages } páginas
error-foreign-page = a página seguinte do Graph está noutro anfitrião; não foi pedida
error-long-link = a ligação do Graph à página seguinte tem mais de { $most }; não foi pedida
error-not-graphs = a resposta não é do Microsoft Graph; pode ter sido dada por um proxy: "{ $excerpt }"
error-too-deep = a resposta do Graph tem mais níveis do que qualquer uma que a Microsoft documenta; não foi lida
error-no-sense = a resposta do Graph não faz sentido: { $why }
error-lacks = na resposta do Graph sobre o utilizador { $user } falta { $property }; a permissão necessária é User.Read.All
error-bad-seats = o Graph diz que o produto { $product } tem { $count } licenças { $what }, o que não pode ser
error-batch-twice = o pedido em lote respondeu duas vezes a este pedido
error-batch-silent = o pedido em lote não respondeu a este pedido
error-batch-without-items = o pedido em lote foi respondido sem os seus itens
error-other-status = o serviço respondeu { $status } onde o Graph responde { $expected }
error-bad-token = o token de acesso tem carateres que nenhum token tem
error-plain-http = { $url } é http simples: com outras máquinas só se usa https
error-not-https = { $scheme } não é https: com outras máquinas só se usa https
error-not-a-url = um ponto final não é um URL ({ $why }); escreva-o como https://host
error-endpoint-parts = um ponto final é esquema e anfitrião, sem utilizador, consulta nem fragmento
error-bad-tenant = o inquilino é um GUID ou um nome de domínio
error-sign-in-too-long = o início de sessão pediu para não ser consultado durante mais tempo do que esperamos; volta a ser pedido depois disso
error-sign-in-given-up = o início de sessão foi cancelado
error-sign-in-unreachable = não foi possível contactar o início de sessão: { $why }
error-sign-in-unreachable-authority = não foi possível contactar o início de sessão: { $why }; se um proxy abre o TLS, indique o ficheiro com a sua autoridade de certificação como ca_file em [tenant]
error-sign-in-unreachable-proxy = não foi possível contactar o início de sessão: { $why }; o proxy pede autenticação: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT
error-no-token = o início de sessão respondeu com algo que não é um token
error-sign-in-silent = o início de sessão respondeu { $status } e não disse porquê
error-codes = códigos { $codes }
error-correlation-id = ID de correlação { $id }

## Batches and their phases. Scripts that read JSON have names of their own

phase-preflight = Verificação prévia
phase-add-to-target = Adicionar ao destino
phase-verify-added = Verificar adição
phase-remove-from-source = Remover da origem
phase-verify-migrated = Verificar migração
phase-batch-complete = lote concluído
phase-add-to-source = Adicionar à origem
phase-remove-from-target = Remover do destino
phase-verify-rolled-back = Verificar reversão
phase-rollback-complete = reversão concluída
phase-batch = lote { $number }
# Of what a rollback is.
phase-of-batch = do lote { $number }
phase-batches = dos lotes { $numbers } e { $last }
phase-of-users = de utilizadores
phase-rollback = { $nth ->
    [1] reversão { $batches }
   *[other] { $nth }.ª reversão { $batches }
}
# The same in a narrow column.
phase-rollback-narrow = { $nth ->
    [1] reversão de { $batches }
   *[other] { $nth }.ª rev. de { $batches }
}
phase-complete-which = { $phase } ({ $batch })

phase-migration-complete = migração concluída
phase-exceptions = { $count ->
    [one] , { $count } exceção
   *[other] , { $count } exceções
}

## Why a run is halted

halt-because = parada: { $why }
halt-also = { $why }; e também: { $also }
halt-operator = pelo operador
halt-unlicensed = há utilizadores sem licença
halt-too-many-stuck = { $count ->
    [one] { $count } utilizador está ou esteve retido, mais de { $most }
   *[other] { $count } utilizadores estão ou estiveram retidos, mais de { $most }
}
halt-still-stuck = { $count ->
    [one] { $count } utilizador está retido, mais de { $most }
   *[other] { $count } utilizadores estão retidos, mais de { $most }
}
halt-stuck-now = { $count ->
    [one] { $count } utilizador está retido agora
   *[other] { $count } utilizadores estão retidos agora
} · { $were ->
    [one] quando parou, { $were } estava ou tinha estado, mais de { $most }
   *[other] quando parou, { $were } estavam ou tinham estado, mais de { $most }
}
halt-still-unlicensed = { $count ->
    [0] houve utilizadores sem licença, agora nenhum
    [one] { $count } utilizador está sem licença
   *[other] { $count } utilizadores estão sem licença
}
halt-write = uma escrita falhou: { $fault }

## What a run waits for

alarm-is-over = { $count ->
    [one] o alarme acabou: { $count } utilizador esteve sem licença, agora nenhum · nada é escrito
   *[other] o alarme acabou: { $count } utilizadores estiveram sem licença, agora nenhum · nada é escrito
}
alarm-waits = { $count ->
    [one] alarme: { $count } utilizador sem licença · nada é escrito
   *[other] alarme: { $count } utilizadores sem licença · nada é escrito
}
wait-approval-add = { $count ->
    [one] a aguardar aprovação: adicionar { $count } utilizador a "{ $group }"
   *[other] a aguardar aprovação: adicionar { $count } utilizadores a "{ $group }"
}
wait-approval-remove = { $count ->
    [one] a aguardar aprovação: remover { $count } utilizador de "{ $group }"
   *[other] a aguardar aprovação: remover { $count } utilizadores de "{ $group }"
}
wait-again-not-all-added = de novo, porque nem todas as adições foram feitas
wait-again-taken-out = de novo, porque outra pessoa os retirou
wait-again-rest = { $count ->
    [one] { $count } foi removido antes
   *[other] { $count } foram removidos antes
}
wait-again-put-back = de novo, porque outra pessoa os voltou a pôr
wait-more-approvals = { $count ->
    [one] há mais { $count } aprovação à espera
   *[other] há mais { $count } aprovações à espera
}
wait-mixed = { $count ->
    [one] misto: { $conflict } no conflito esperado, { $count } tem as duas
   *[other] misto: { $conflict } no conflito esperado, { $count } têm as duas
}
wait-processing = { $count } em processamento
wait-holding = { $count } ainda com { $license }
wait-late = { $count ->
    [one] { $count } atrasado
   *[other] { $count } atrasados
}
wait-stuck = { $count ->
    [one] { $count } retido
   *[other] { $count } retidos
}
wait-switching = { $count } a trocar, para já sem licença
wait-unlicensed = { $count } sem licença
wait-went-back = { $count ->
    [one] { $count } recuou
   *[other] { $count } recuaram
}
wait-rolled-back = { $count ->
    [one] { $count } revertido
   *[other] { $count } revertidos
}
wait-excluded = { $count ->
    [one] { $count } excluído
   *[other] { $count } excluídos
}
wait-never-moved = { $count ->
    [one] { $count } nunca migrado
   *[other] { $count } nunca migrados
}
wait-lost-part = { $count ->
    [one] { $count } perdeu uma parte
   *[other] { $count } perderam uma parte
}
wait-migration-complete = { $complete }: { $count ->
    [one] { $count } migrado
   *[other] { $count } migrados
}
wait-users = a aguardar: { $users } · { $next }
wait-next = { $count ->
    [0] ainda nada para aprovar
    [one] segue-se mais { $count }, como aprovado
   *[other] seguem-se mais { $count }, como aprovado
}

## What the engine tells

refusal-checking = a verificação prévia está a ler o inquilino
refusal-on-its-way = o que saiu antes da paragem ainda está a caminho: espere pela resposta
notice-read-only = só de leitura: { $why }
notice-read-only-asked = aberto com --read-only
notice-read-only-process = outro skuferry, processo { $process }, está a trabalhar entre estes dois grupos
notice-read-only-at-work = outro skuferry está a trabalhar entre estes dois grupos
notice-read-only-lacks = o início de sessão só permite ler: falta-lhe a permissão { $permission }
notice-read-only-not-kept = nada fica guardado nesta sessão
notice-older-rules-places = esta execução começou com regras mais antigas, que não guardavam o que os grupos atribuíam nem onde os utilizadores estavam: vale o que se lê agora
notice-older-rules = esta execução começou com regras mais antigas, que olhavam para um produto de cada grupo: a partir de agora os utilizadores são avaliados por todos
notice-cannot-follow = já não é possível acompanhar a execução ao lado: { $why }
notice-stopped = nada mais é escrito: { $why }. Saia com q, corrija e retome a execução.
notice-signed-in = sessão iniciada: a execução continua onde estava
notice-not-signed-in = sessão não iniciada: { $why }
notice-not-reprocessed = a licença não foi reprocessada: { $fault }
notice-not-taken-off = a licença direta não foi retirada: { $fault }

## Why a run cannot be kept

error-journal-not-written = não é possível escrever o diário
error-journal-not-read = não é possível ler o diário
error-illegal-turn = a execução deu um passo que não pode dar
error-read-only = esta sessão é só de leitura
error-no-events = nada ficou registado da execução
# $event is the event's name in the journal.
error-illegal = { $event } não pode acontecer { $place }
error-place-before-the-run = antes de a execução começar
error-place-twice-in-a-run = duas vezes numa execução
error-place-once-under-way = com um lote já em curso
error-place-with-open-write = com uma escrita do lote em aberto
error-place-without-alarm = sem um alarme
error-place-before-the-end = antes de todos os lotes estarem concluídos
error-place-halted = com a execução parada
error-place-beside-another-approval = ao lado de outra aprovação do lote
error-place-before-first-canary = antes de o canário do primeiro lote ter chegado
error-place-not-under-way = antes ou depois de um lote estar em curso
error-place-without-approval = sem a sua aprovação
error-place-without-proof = sem uma prova desde que a última escrita foi confirmada
error-place-to-write = a uma escrita { $state }
error-place-no-such-batch = num lote que não existe
error-place-batch-not-under-way = num lote que não está em curso
error-place-in-phase = na fase { $phase }
error-place-not-in-run = a um utilizador que não faz parte da execução
error-place-not-in-batch = a um utilizador que não faz parte do lote
error-place-to-nobody = a ninguém
error-place-twice-to-a-user = duas vezes a um utilizador
error-place-now = agora
error-write-not-begun = não iniciada
error-write-under-way = em curso
error-write-done = feita
error-write-failed = falhada
error-write-unknown = de resultado desconhecido

## Screen: words of several places

screen-excluded = excluído
screen-went-back = recuou
screen-late = atrasado
screen-alarm = alarme
screen-halted = parada
screen-read-only = só de leitura
# The screen of a rehearsal, on a copy of the tenant.
screen-rehearsal = ensaio
screen-more-lines-down = { $count ->
    [one] mais { $count } linha: ↓
   *[other] mais { $count } linhas: ↓
}

## Screen: the answers of dialogs. What stands between backticks is a key, or has to be typed

dialog-type-number = escreva `{ $count }` e prima `{ $key }`
dialog-key-leaves = `{ $key }` sai
dialog-key-leaves-all = `{ $key }` deixa tudo como está
# What y does; the key stands before it.
dialog-yes-approves = aprova
dialog-yes-excludes = exclui
dialog-yes-quits = sai
dialog-yes-reprocesses = reprocessa
dialog-yes-plans-way-back = planeia a reversão
dialog-yes-acknowledges = reconhece
dialog-yes-lifts-halt = levanta a paragem

## Screen: the labels of facts in dialogs

dialog-then = depois
dialog-way-back = reversão
dialog-canary = canário
dialog-each-one = cada um
dialog-group = grupo
dialog-batch = lote
dialog-seats = licenças
dialog-standings = situações
dialog-left-out = de fora
dialog-stands = situação
dialog-what-stays = o que fica
dialog-users = utilizadores
dialog-writes = escritas
dialog-later = mais tarde
dialog-what-it-does = o que faz
dialog-it-helps = ajuda
dialog-if-not = se não
dialog-license = licença
dialog-no-way-back = sem volta
dialog-the-way = o caminho
dialog-now = agora
dialog-the-batch = o lote
dialog-or = ou
dialog-unlicensed = sem licença
dialog-in-between = a meio

## Screen: approval dialogs

dialog-add = Adicionar { count-users } a "{ $group }"?
dialog-add-brings-back = Nenhum deles tem licença agora: { $new } volta para eles e ocupa uma licença.
dialog-add-conflict = Todos mantêm { $old }. É de esperar que { $new } fique à espera, em conflito, até { $old } ser retirado.
dialog-add-back-conflict = Todos mantêm o que têm. É de esperar que { $new } fique à espera, em conflito, até { $old } ser retirado.
dialog-add-beside = Todos mantêm { $old } e recebem também { $new }; { $new } ocupa logo uma licença.
dialog-add-back-beside = Todos mantêm o que têm e recebem também { $new }; { $new } ocupa logo uma licença.
dialog-remove = Remover { count-users } de "{ $group }"?
# $arrived is the standing of who is done, such as migrated.
dialog-canary-first = { count-users } primeiro; os restantes quando estes estiverem "{ $arrived }"
dialog-each-one-read-twice = é lido mais duas vezes antes; quem então não for seguro fica
dialog-remove-switches = { $old } sai e o licenciamento põe { $new } no seu lugar. Por quem entretanto não mostrar nenhum dos dois espera-se, { $grace } no máximo: nesse tempo não se remove mais ninguém, e depois dele todas as escritas param com um alarme.
dialog-remove-beside = { $old } sai; { $new } já está ativo e fica.
dialog-way-back-by-key = R faz um utilizador ou o lote voltar a { $old }, pelos mesmos passos
dialog-way-back-anew = voltar a ter { $old } é uma migração à parte
dialog-batch-of = { $number } de { $all }
dialog-seats-free = { $free ->
    [one] { $free } de { $product } disponível
   *[other] { $free } de { $product } disponíveis
}
dialog-seats-for = { $free ->
    [one] { $free } de { $product } disponível
   *[other] { $free } de { $product } disponíveis
}, para { count-users }
dialog-seats-for-at-most = { $free ->
    [one] { $free } de { $product } disponível
   *[other] { $free } de { $product } disponíveis
}, para { count-users } no máximo
dialog-seats-not-read = ainda não lido
# Behind the standings of the users, when all of them have the same one.
dialog-standings-found-ready = : a verificação prévia deu-os como prontos
dialog-standings-on-source = : têm { $old } e nada de { $new }
dialog-left-out-why = { count-users }: { $why }
dialog-left-out-added = { $count ->
    [one] { $count } já adicionado
   *[other] { $count } já adicionados
}
dialog-left-out-blocked = { $count ->
    [one] { $count } bloqueado pela verificação prévia
   *[other] { $count } bloqueados pela verificação prévia
}
dialog-left-out-excluded = { $count ->
    [one] { $count } excluído
   *[other] { $count } excluídos
}
dialog-left-out-in-group = { $count } já no grupo
dialog-left-out-not-asked-for = { $count ->
    [one] { $count } não pedido
   *[other] { $count } não pedidos
}
dialog-left-out-not-ready = { $count ->
    [one] { $count } não está pronto
   *[other] { $count } não estão prontos
}
dialog-left-out-not-safe = { $count } cuja remoção ainda não é segura
dialog-left-out-removed = { $count ->
    [one] { $count } já removido
   *[other] { $count } já removidos
}
dialog-went-back-since = { count-users } { $count ->
    [one] recuou entretanto
   *[other] recuaram entretanto
}

## Screen: the users of a dialog

dialog-unlicensed-since = desde { $start }, há { $length }
dialog-not-read-since = sem leitura desde então
dialog-now-standing = agora { $standing }
dialog-addition-open = adição em aberto: primeiro consulta-se o inquilino
dialog-removal-open = remoção em aberto: primeiro consulta-se o inquilino
dialog-not-added = não adicionado: { $fault }

## Screen: dialogs about stuck users

dialog-reprocess-title = Reprocessar a licença
dialog-reprocess = { $count ->
    [one] Reprocessar a licença de { $count } utilizador?
   *[other] Reprocessar a licença de { $count } utilizadores?
}
dialog-reprocess-does = O licenciamento volta a ver tudo o que os grupos dão. Nada é retirado.
dialog-reprocess-helps = depois de corrigida a causa: licenças compradas ou libertadas, localização de utilização definida, conflito removido.
dialog-reprocess-refused = O Graph pode responder com uma frase sobre o motivo; a página do utilizador mostra-a.
dialog-direct-title = Remover uma licença direta
dialog-direct = Retirar { $old }, atribuído diretamente, a { count-users }?
dialog-direct-read-twice = é lido mais duas vezes antes; só quem tem { $new } do grupo perde { $old } atribuído diretamente
dialog-direct-no-way-back = O skuferry não dá licenças diretas: { $old } teria de voltar a ser dado no centro de administração.
dialog-roll-back-title = Reverter
dialog-roll-back = Reverter { count-users }, de "{ $to }" para "{ $from }"?
dialog-roll-back-way = adicionar a "{ $from }", verificar, remover de "{ $to }", verificar: a mesma migração ao contrário
dialog-roll-back-now = Isto só planeia: ainda nada é escrito. Cada passo espera pela sua própria aprovação.
dialog-roll-back-left-out = { $count ->
    [one] { $count } utilizador fica: nada foi escrito para ele, ou já está de volta
   *[other] { $count } utilizadores ficam: nada foi escrito para eles, ou já estão de volta
}
dialog-roll-back-batch = Saem de vez do seu lote; o resto da execução continua depois de a reversão estar concluída.

## Screen: taking a user out, and leaving the program

dialog-exclude-title = Excluir um utilizador
dialog-exclude = Excluir { $user } do lote?
dialog-exclude-then = O lote continua com os restantes: deixa de esperar por este utilizador, e nada mais é escrito para ele nesta execução.
dialog-exclude-then-or-back = O lote continua com os restantes: deixa de esperar por este utilizador, e nada mais é escrito para ele nesta execução, a não ser que R o reverta.
dialog-stays-missing = Nada muda na conta, se existir.
dialog-stays-in-both = Está em "{ $from }" e em "{ $to }", e fica nos dois.
dialog-stays-in-one = Fica em "{ $from }"; "{ $to }" não é alterado.
dialog-stays-in-target = Saiu de "{ $from }" e fica em "{ $to }".
dialog-stays-added = Mantém { $old } de "{ $from }" e fica em "{ $to }", a que foi adicionado.
dialog-stays-with-old = Mantém { $old } de "{ $from }"; "{ $to }" não é alterado.
dialog-quit-title = Sair
dialog-quit-while-writing = Sair? Há uma escrita em curso.
dialog-quit-in-phase = Sair? Está em curso a fase "{ $phase }": { $batch }.
dialog-quit-done = { $done ->
    [one] { $done } de { count-users } terminou esta fase; todos ficam onde estão
   *[other] { $done } de { count-users } terminaram esta fase; todos ficam onde estão
}
dialog-quit-in-flight = Espera-se e regista-se a resposta ao que já foi enviado; nada mais é escrito.
dialog-quit-simulated = O inquilino simulado também termina: esta execução não pode ser retomada.

## Screen: the alarm, and the end of a halt

dialog-alarm = { count-users } sem licença: nem { $old } nem { $new } está ativo.
dialog-alarm-others = { $count ->
    [one] { $count } esteve sem licença algum tempo.
   *[other] { $count } estiveram sem licença algum tempo.
}
dialog-alarm-over = { $count ->
    [one] O alarme acabou: { $count } utilizador esteve sem licença.
   *[other] O alarme acabou: { $count } utilizadores estiveram sem licença.
}
dialog-alarm-over-since = { $count ->
    [one] O alarme acabou às { $start }: { $count } utilizador esteve sem licença.
   *[other] O alarme acabou às { $start }: { $count } utilizadores estiveram sem licença.
}
dialog-alarm-writes-nothing = Nada é escrito, e reconhecer o alarme também não escreve nada: a execução fica parada até levantar a paragem.
dialog-alarm-way-back = selecione o utilizador (1), prima R, levante a paragem (a) e aprove adicioná-lo a "{ $group }"
dialog-alarm-look-again = se só faltava uma licença e já há uma disponível: levante a paragem (a), e r faz o licenciamento ver de novo
dialog-lift = Levantar a paragem, para que as escritas possam continuar?
dialog-lift-unlicensed = { count-users } ainda sem licença: nem { $old } nem { $new }
dialog-open-adds = { count-users } cuja adição a "{ $group }" ainda ninguém pode confirmar
dialog-open-removes = { count-users } cuja remoção de "{ $group }" ainda ninguém pode confirmar
dialog-in-both = { count-users } em "{ $from }" e em "{ $to }"
dialog-in-between-nobody = ninguém
dialog-in-between-users = { count-users } a meio
dialog-lift-then = O que estava aprovado antes da paragem deixa de estar: a aprovação é pedida de novo.

## Screen: the sign-in

dialog-sign-in-title = Iniciar sessão
dialog-sign-in-under-way = O início de sessão está em curso.

## Screen: the page of keys

help-title = Teclas
help-back = `{ $key }` volta · nenhuma tecla por si só escreve no inquilino
help-marks = Marcas
help-mark-done = seguro para remover, ou migrado
help-mark-busy = o licenciamento está a tratar do utilizador
help-mark-next = pronto
help-mark-warn = atrasado, recuou, ou um aviso
help-mark-bad = retido, em falta, ou uma escrita falhou
help-mark-alarm = sem licença
help-mark-blocked = bloqueado pela verificação prévia
help-mark-excluded = excluído pelo operador

## Screen: the table of keys. The README has it too

# Groups of keys
help-mode-views = Nas vistas
help-mode-always = Sempre, também dentro de uma caixa de diálogo
help-mode-yes-no = Onde uma caixa de diálogo pede sim ou não
help-mode-number = Onde uma caixa de diálogo pede um número
help-mode-search = Na linha de procura
help-mode-page = Na página das teclas
help-mode-sign-in = Na página de início de sessão
# What keys do
key-approve = abrir a aprovação que está à espera (se nenhuma, dizer porquê); para quem já é seguro, quando só alguns são
key-inspect = inspecionar o utilizador, ou abrir o lote ou o problema
key-back = voltar
key-poll = consultar agora; na verificação prévia, verificar de novo
key-search = procurar em toda a execução: um nome, um ID ou uma causa
key-filter = filtro seguinte: todos, em espera, prontos, retidos, excluídos, bloqueados, migrados
key-sort = ordem seguinte: como na lista, por nome, problemas primeiro, há mais tempo primeiro, por lote, por estado, por causa, última alteração primeiro
key-exclude = excluir dos lotes os utilizadores marcados, senão o selecionado (pergunta)
key-reprocess = reprocessar as licenças dos utilizadores marcados, senão do utilizador ou lote selecionado (pergunta)
key-direct = remover licenças diretas que impedem, dos utilizadores marcados, senão do selecionado (pergunta)
key-roll-back = reverter os utilizadores marcados, senão o utilizador ou lote selecionado (pergunta)
key-view-users = utilizadores
key-view-batches = lotes
key-view-events = eventos
key-view-plan = plano
key-down = para baixo
key-up = para cima
key-page-down = uma página para baixo
key-page-up = uma página para cima
key-first = para a primeira linha
key-last = para a última linha
key-pause = suspender ou retomar as consultas
key-slower = intervalo de consulta maior
key-faster = intervalo de consulta menor
key-export = exportar o relatório da execução, em todos os formatos
key-copy = copiar o utilizador: nome, situação, motivos; nos eventos, os ID dos pedidos que falharam
key-sign-in = iniciar sessão de novo
key-theme = tema seguinte: dark, light, ansi, none
key-quit = sair (pergunta enquanto uma fase está em curso)
key-help = as teclas desta vista, depois todas as outras
key-halt = parar: nada mais é escrito
key-end = terminar em ordem, sem perguntar
key-yes = sim
key-no = deixar tudo como está
key-type = o número de utilizadores mostrado
key-erase = apagar o último caráter
key-submit = aprovar, se for o número de utilizadores mostrado
key-search-type = uma parte do nome
key-search-submit = manter o que foi encontrado
key-search-no = mostrar tudo de novo
key-sign-in-copy = copiar o endereço da página
key-sign-in-no = cancelar o início de sessão
# The same in a word or two, for the footer
key-hint-approve = aprovar
key-hint-inspect = ver
key-hint-back = voltar
key-hint-poll = consultar
key-hint-search = procurar
key-hint-filter = filtro
key-hint-sort = ordem
key-hint-exclude = excluir
key-hint-reprocess = reprocessar
key-hint-pause = pausa
key-hint-quit = sair
key-hint-help = ajuda
key-hint-halt = parar
key-hint-yes = sim
key-hint-leave = não
key-hint-keep = manter
key-hint-show-all = mostrar tudo
key-hint-copy-the-address = copiar o endereço
key-hint-give-up = cancelar
# The names of keys
key-name-space = Espaço
key-name-page-down = PgDn
key-name-page-up = PgUp
key-name-up = Cima
key-name-down = Baixo
key-name-ctrl = Ctrl-{ $key }
# Any text that is typed
key-name-text = texto
key-hint-open = abrir
# What can be asked for about a user; the key stands before it.
key-offer-direct = remover a licença direta
key-offer-roll-back = reverter

## Screen: lengths of time

# In a column, as short as they go.
screen-brief-seconds = { $seconds }s
screen-brief-minutes-seconds = { $minutes }m { $seconds }s
screen-brief-minutes = { $minutes }m
screen-brief-hours-minutes = { $hours }h { $minutes }m
screen-brief-hours = { $hours }h
screen-brief-days-hours = { $days }d { $hours }h
screen-brief-days = { $days }d
# In a sentence.
screen-seconds = { $seconds } s
screen-minutes-seconds = { $minutes } min { $seconds } s
screen-minutes = { $minutes } min
screen-hours = { $hours } h
screen-hours-minutes = { $hours } h { $minutes } min

## Screen: scenarios

word-conflicting = com conflito
word-non-conflicting = sem conflito

## Screen: frames and lists

screen-too-small = { $size } é demasiado pequeno: o skuferry precisa de { $needed }.
screen-too-small-halts = H faz parar as escritas. Aqui nada é aprovado.
screen-rows = { $first }-{ $last } de { $all }
screen-more-lines-by-key = { $count ->
    [one] mais { $count } linha: j ↓
   *[other] mais { $count } linhas: j ↓
}
screen-more-lines-by-enter = { $count ->
    [one] mais { $count } linha: Enter, j ↓
   *[other] mais { $count } linhas: Enter, j ↓
}
screen-more-lines-too-low = { $count ->
    [one] mais { $count } linha: o terminal é demasiado baixo
   *[other] mais { $count } linhas: o terminal é demasiado baixo
}

## Screen: the first lines

screen-rollback = reversão
screen-signed-out = sem sessão
screen-connecting = a ligar
screen-connected = ligado
screen-no-answer = sem resposta { $length }
screen-batch-of = Lote { $number } de { $all }

## Screen: the line of progress

# Behind how many of how many users.
screen-progress-added = adicionados
screen-progress-safe = seguros p/ remover
screen-progress-removed = removidos
screen-progress-migrated = migrados
screen-progress-rolled-back = revertidos
screen-progress-ready = { $count ->
    [one] { $count } pronto
   *[other] { $count } prontos
}
screen-progress-seats = licenças disponíveis: { $free }
screen-progress-seats-of = licenças de { $product }: { $free }
screen-doing-checking = a verificar tudo
screen-doing-reading = a ler agora
screen-doing-adding = a adicionar
screen-doing-last-look = última leitura
screen-doing-removing = a remover
screen-doing-reprocessing = a reprocessar
screen-doing-direct = a remover uma licença direta
screen-doing-canary = primeiro o canário
screen-doing-seats = primeiro as licenças
screen-doing-disk = à espera do disco
screen-doing-reading-back = a ler de novo
screen-doing-holding = o Graph pede para esperar { $length }
screen-polling-paused = consultas suspensas
screen-next-poll-due = consulta a seguir
screen-next-poll = consulta em { $length }

## Screen: the last lines

screen-ending = a terminar: espera-se e regista-se a resposta ao que já foi enviado, nada mais é escrito
screen-no-answer-for = sem resposta há { $length }
screen-paused-resumes = as consultas estão suspensas, P retoma
screen-signed-out-press = sem sessão: nada é lido nem escrito até alguém iniciar sessão · prima L
screen-sign-in-under-way = há um início de sessão em curso
screen-read-only-no-approval = só de leitura: aqui nada pode ser aprovado
screen-press-approve = prima a
screen-press-alarm = prima a para ver quem
screen-press-halt = prima a para continuar
screen-press-stuck = Enter mostra, r reprocessa, x exclui
screen-press-failed = Enter mostra, x exclui
screen-fault-no-answer = sem resposta: { $fault }
screen-fault-read-failed = uma leitura falhou: { $fault }
screen-search-hint = procura em toda a execução: nome, ID, causa

## Screen: what keys and the engine are answered with

screen-report-written = o relatório está em { $folder }
screen-report-not-written = o relatório não foi escrito: { $why }
screen-report-under-way = o relatório já está a ser escrito
screen-report-begun = a escrever o relatório
screen-nothing-kept = nada fica guardado nesta sessão
screen-polling-paused-resumes = consultas suspensas: P retoma
screen-polling-every = consulta a cada { $length }
screen-polling-every-later = consulta a cada { $length }, quando P as retomar
screen-polling-once = uma consulta: depois continuam suspensas
screen-nothing-to-halt = aqui nada é escrito, por isso não há nada para parar: { $why }
screen-halting = paragem: nada mais é escrito; espera-se e regista-se a resposta ao que já foi enviado
screen-pasted = texto colado não serve de resposta: escreva-a
screen-question-waits = há uma pergunta à espera: prima a para a ler
screen-nothing-approved = nada foi aprovado: tudo fica como está
screen-wrong-number = { $typed } não é { $count }: nada foi aprovado
screen-no-user-selected = nenhum utilizador selecionado
screen-select-first = selecione primeiro um utilizador (1) ou um lote (2)
screen-exclude-nobody = esta linha não indica ninguém: não há quem excluir
screen-exclude-where = selecione o utilizador na vista de utilizadores (1) e prima x
screen-reprocess-nobody = { $batch }: ninguém está retido nem atrasado; selecione um utilizador (1) para o reprocessar na mesma
screen-no-color = NO_COLOR está definida: o tema continua none
screen-theme = tema: { $theme }
screen-not-copied = não copiado: { $why }
screen-copied-user = copiado: { $user }, situação e motivos
# What is copied of a user.
screen-copy-graph-says = o Graph diz: { $said }
screen-copy-adding = a adicionar
screen-copy-removing = a remover
screen-copy-reprocessing = a reprocessar
screen-copy-direct = a remover a licença direta

## Screen: the page of a sign-in

screen-sign-in-title = skuferry · iniciar sessão
screen-sign-in-opened = Foi aberto um browser: inicie sessão aí e volte aqui. Se não aparecer nenhum, abra este endereço:
screen-sign-in-open = Não foi possível abrir um browser a partir daqui. Abra este endereço num browser desta máquina:
screen-sign-in-over-ssh = Por ssh, o browser está noutra máquina e regressa a uma porta de lá. Ligue com ssh -L { $port }:localhost:{ $port } para a trazer até aqui, ou defina method = "device-code".
screen-sign-in-enter-code = Abra esta página em qualquer browser, em qualquer máquina, e introduza o código:
screen-sign-in-code = código
screen-sign-in-time-left = tempo restante
screen-sign-in-expired = nenhum: expirou
screen-sign-in-careful = Introduza-o apenas na página da própria Microsoft, e apenas porque o pediu aqui.
screen-signing-in = a iniciar sessão
screen-copied-address = copiado: o endereço para iniciar sessão
screen-sign-in-given-up = o início de sessão foi cancelado: L começa de novo
screen-no-terminal = a saída não é um terminal: inicie o skuferry num, ou use check ou status

## Screen: the titles of columns

view-column-user = UTILIZADOR
view-column-state = ESTADO
view-column-batch = LOTE
view-column-users = UTIL.
view-column-phase = FASE
view-column-migrated = MIGRADOS
view-column-done = FEITOS
view-column-excluded = EXCLUÍDOS
view-column-blocked = BLOQUEADOS
view-column-stuck = RETIDOS

## Screen: the view of users

view-users-of = Utilizadores · { $batch }
view-users-search = /{ $search } em toda a execução
view-filter-all = todos
view-filter-waiting = em espera
view-filter-stuck = retidos
view-filter-blocked = bloqueados
view-filter-migrated = migrados
view-filter-migrated-or-back = migrados ou de volta
view-sort-list = como na lista
view-sort-name = por nome
view-sort-trouble = problemas primeiro
view-sort-longest = há mais tempo primeiro
view-users-preflight = A verificação prévia está a ler o inquilino: nada é escrito.
view-users-not-found = Nenhum nome, ID ou causa em toda a execução tem { $search }.
view-users-not-found-filtered = Nenhum nome, ID ou causa em toda a execução tem { $search } e corresponde ao filtro (f).
view-users-nobody-listed = A lista não tem ninguém.
view-users-nobody-waiting = Ninguém está em espera.
view-users-nobody-stuck = Ninguém está retido nem atrasado.
view-users-nobody-blocked = Ninguém está bloqueado.
view-users-nobody-arrived = Ainda ninguém chegou.
view-preflight = { $count ->
    [one] Verificação prévia: { $ready ->
        [one] { $ready } pronto
       *[other] { $ready } prontos
    } em { $count } lote
   *[other] Verificação prévia: { $ready ->
        [one] { $ready } pronto
       *[other] { $ready } prontos
    } em { $count } lotes
}
view-preflight-of = Verificação prévia · { $batch }: { $ready ->
    [one] { $ready } pronto
   *[other] { $ready } prontos
}
view-preflight-seats = { $free ->
    [one] { $free } licença disponível, { $needed ->
        [one] { $needed } necessária
       *[other] { $needed } necessárias
    }
   *[other] { $free } licenças disponíveis, { $needed ->
        [one] { $needed } necessária
       *[other] { $needed } necessárias
    }
}
view-preflight-seats-of = { $free ->
    [one] { $free } licença de { $product } disponível, { $needed ->
        [one] { $needed } necessária
       *[other] { $needed } necessárias
    }
   *[other] { $free } licenças de { $product } disponíveis, { $needed ->
        [one] { $needed } necessária
       *[other] { $needed } necessárias
    }
}
view-blocked = { $count ->
    [one] { $count } bloqueado
   *[other] { $count } bloqueados
}
# $count is how many other problems there are.
view-problem-by-key = { $count ->
    [0] { $problem } · 4 mostra tudo
   *[other] { $problem } (e mais { $count }) · 4 mostra tudo
}
view-warning = aviso: { $what }
view-check-blocked = bloqueado
view-check-ready = pronto
# Behind the name of an account that is disabled.
view-disabled = { $user } (desativada)
# How far somebody is of whom nothing was read yet.
view-state-not-added = não adicionado
view-state-blocked = bloqueado
view-state-being-added = a adicionar
view-state-removed = removido
view-state-turned-back = a voltar
view-state-added = adicionado
view-state-not-added-yet = por adicionar
# What is seen of a license, in a narrow column.
view-seen-direct = direta
# What went wrong with a write, in a narrow column.
view-write-unknown = desconhecido
view-write-failed = falhou
view-write-not-safe = não é seguro

## Screen: the view of batches

view-batches-title = Lotes · { $count }
view-batches-rollbacks = { $count ->
    [one] { $count } reversão
   *[other] { $count } reversões
}
view-batches-none = Nenhum lote: ninguém está pronto.
view-batches-later = Os lotes formam-se depois de a verificação prévia ver toda a gente.
view-batch-interrupted = interrompido
view-batch-waits = aguarda a sua vez
view-batch-unlicensed = { $count } sem licença

## Screen: the view of events

view-events-title = Eventos · { $count }
view-events-newer = mais { $count ->
    [one] { $count } recente
   *[other] { $count } recentes
}: G ↓
view-events-refused = recusado: { $why }

## Screen: the view of the plan

view-plan-title = Plano · { $name }
view-plan-preflight = A verificação prévia está a ler o inquilino: o que encontrar aparece aqui.
view-plan-from-and-to = origem e destino
view-plan-from = de
view-plan-to = para
view-plan-by-group = pelo grupo
view-plan-sku = sku { $id }
view-plan-id = id { $id }
view-plan-rollback = { $batch } em curso: de "{ $from }" para "{ $to }"
view-plan-no-problem = nada foi encontrado contra o plano no seu conjunto
view-plan-scenario = cenário
view-plan-scenario-predicted = { $scenario }, previsto a partir dos planos de serviço
view-plan-scenario-set = { $scenario }, definido pela configuração
view-plan-conflicting = é de esperar que o destino fique à espera, em conflito, até a origem ser retirada
view-plan-non-conflicting = as duas licenças podem estar ativas ao mesmo tempo
view-plan-predicted = os planos de serviço preveem: { $scenario }
view-plan-excludes = { $by } exclui { $plan }
view-plan-seats = licenças
view-plan-seats-now = disponíveis agora: { $free }
view-plan-seats-now-of = de { $product }, disponíveis agora: { $free }
view-plan-seats-before = antes do lote: { $available ->
    [one] { $available } disponível
   *[other] { $available } disponíveis
}, { $needed ->
    [one] { $needed } necessária
   *[other] { $needed } necessárias
}
view-plan-seats-needed = { $available ->
    [one] { $available } disponível
   *[other] { $available } disponíveis
}, { $needed ->
    [one] { $needed } necessária
   *[other] { $needed } necessárias
}
view-plan-seats-of-product = de { $product }: { $available ->
    [one] { $available } disponível
   *[other] { $available } disponíveis
}, { $needed ->
    [one] { $needed } necessária
   *[other] { $needed } necessárias
}
view-plan-seats-short = { $seats }: faltam { $count }
view-plan-product-seats = { $product }: { $available ->
    [one] { $available } disponível
   *[other] { $available } disponíveis
}, { $needed ->
    [one] { $needed } necessária
   *[other] { $needed } necessárias
}
view-plan-users = utilizadores
view-plan-listed = { $count } na lista
view-plan-ready-in = { $count ->
    [one] { $ready ->
        [one] { $ready } pronto
       *[other] { $ready } prontos
    } em { $count } lote
   *[other] { $ready ->
        [one] { $ready } pronto
       *[other] { $ready } prontos
    } em { $count } lotes
}
view-plan-blocked-for = { $count ->
    [one] { $blocked ->
        [one] { $blocked } bloqueado
       *[other] { $blocked } bloqueados
    }, por { $count } motivo
   *[other] { $blocked ->
        [one] { $blocked } bloqueado
       *[other] { $blocked } bloqueados
    }, por { $count } motivos
}
view-plan-blocked = bloqueados
view-plan-none = nenhum
view-plan-changes = o que muda para um utilizador
view-plan-services = serviços
view-plan-not-compared = não comparados no diário desta execução
view-plan-instead = { $to } em vez de { $from }
view-plan-replaced = substituídos
view-plan-kept = { $count ->
    [one] { $count } plano de serviço, pelo mesmo plano ou por um superior
   *[other] { $count } planos de serviço, pelo mesmo plano ou por um superior
}
view-plan-lost = perdidos
view-plan-loses-nothing = nada: nenhum serviço desaparece nem baixa
view-plan-lower = inferiores
view-plan-gone = desaparecem
view-plan-new = novos
view-plan-also-lost = também saem
view-plan-settings = definições
view-plan-batches = lotes
view-plan-batches-of = de { count-users }
view-plan-canary-first = { $count ->
    [one] { $count } removido primeiro; os restantes depois de este estar migrado
   *[other] { $count } removidos primeiro; os restantes depois de estes estarem migrados
}
view-plan-stuck = retidos
view-plan-stuck-limit = paragem com mais de { $most } na execução
view-plan-polling = consultas
view-plan-every = a cada { $length }
view-plan-every-now = a cada { $length } (configurado: { $configured })
view-plan-paused = suspensas; { $polling }
# $form is a form of request, as Microsoft Graph has it; $units is fact-pass-units.
view-plan-last-pass = { $count ->
    [one] a última passagem perguntou por { $form }: { $count } pedido, { $units }
   *[other] a última passagem perguntou por { $form }: { $count } pedidos, { $units }
}
view-plan-pass-choice = porquê: das formas a que este inquilino responde, escolhe a de menos pedidos
view-plan-late-after = atrasado após
view-plan-grace = tolerância
view-plan-grace-length = { $length } sem licença até ser um alarme
view-plan-run = execução
view-plan-tenant = inquilino
view-plan-signed-in = sessão
view-plan-started = início
view-label-id = id
view-label-name = nome
view-label-from = origem

## Screen: the page of a user

view-user-none = nenhum utilizador
view-user-preflight = verificação prévia
view-user-history = histórico
view-user-listed = na lista
view-user-from-source-group = o grupo de origem: { $given }
view-user-from-line = linha { $line }: { $given }
view-user-taken-out = Excluído pelo operador: mantém o que tem.
view-user-taken-out-of = Excluído pelo operador: mantém o que tem e continua em "{ $group }".
view-user-not-moved = Não migra, e nada é escrito para este utilizador.
view-user-check-again = Corrija o que a verificação prévia encontrou e volte a verificar com p.
view-user-unlicensed-for = Sem licença durante { $length } nesta execução.
view-user-not-added = Não adicionado: { $fault }
view-user-perhaps-added = Talvez adicionado; o inquilino é consultado antes de se voltar a escrever: { $fault }
view-user-not-removed = Não removido: { $fault }
view-user-perhaps-removed = Talvez removido; o inquilino é consultado antes de se voltar a escrever: { $fault }
view-user-licenses = licenças
view-user-neither = nem { $old } nem { $new }
view-user-from-group = grupo { $group }
# $license is where a license comes from, its state and its error.
view-user-expected = { $license } (esperado)
view-user-no-source-named = atribuída, sem proveniência indicada
view-user-other-products = outros produtos
view-user-account = conta
view-user-disabled = desativada; as suas licenças migram na mesma
view-user-location = localização
view-user-no-location = não há localização de utilização definida
view-graph-says = o Graph diz
view-graph-says-expected = o conflito é o esperado, e nada está errado: { $said }
view-label-reprocess = reprocessar
view-label-direct = { $product } direto
view-keys-now = teclas agora
view-keys-after-halt = após H, a
# $at is a time of day.
view-tried-not-answered = { $at } pedido, ainda sem resposta
view-tried-reprocessed = { $at } o licenciamento vê de novo
view-tried-taken-off = { $at } retirada
view-tried-expected = { $at } visto de novo: o conflito é o esperado
view-tried-refused = { $at } recusado: o Graph diz porquê, acima
view-tried-not-done = { $at } não feito: { $fault }
view-tried-perhaps-reprocessed = { $at } talvez o licenciamento veja de novo; pode ser pedido outra vez: { $fault }
view-tried-perhaps-taken-off = { $at } talvez retirada; pode ser pedido outra vez: { $fault }

## Screen: what a standing means, and what to do about it

advice-left = Saiu de "{ $group }"; sem leitura desde então.
advice-way-back-added = De volta; em "{ $group }", e sem leitura desde então.
advice-way-back = De volta: segue-se "{ $group }"; sem leitura desde então.
advice-added = Adicionado a "{ $group }"; sem leitura desde então.
advice-ready = Pronto: nada foi encontrado contra a migração deste utilizador.
advice-late = Atrasado: há mais de { $length }. Veja os erros de licença do grupo no Entra, continue à espera, ou exclua o utilizador (x).
advice-or-roll-back = { $action } Ou faça o utilizador voltar a { $old } (R).
advice-approve-adding = Aprove adicionar o utilizador a "{ $group }" (a): isso traz { $new } de volta.
advice-other-group = { $meaning } É "{ $group }".
advice-assigned-by = { $meaning } É atribuída por "{ $group }".
advice-not-acted-on = Foi adicionado a "{ $to }"; o licenciamento ainda não agiu. Demora minutos, às vezes horas.
advice-holds-old = Tem { $old } e nada de { $new }.
advice-ready-on-source = Pronto: tem { $old } de "{ $from }" e nada de { $new }.
advice-left-both-active = Saiu de "{ $from }"; o licenciamento ainda não retirou { $old }. { $new } está ativo.
advice-both-active = { $old } e { $new } estão ambos ativos: é seguro remover de "{ $from }".
advice-left-in-conflict = Saiu de "{ $from }"; o licenciamento ainda não retirou { $old }, por isso { $new } continua à espera, em conflito.
advice-in-conflict = { $new } está à espera, em conflito com { $old }, como esperado: retirar { $old } liberta-o. É seguro remover de "{ $from }".
advice-back-to-leave = { $new } está ativo a partir de "{ $to }" e { $old } não vem de lado nenhum; falta sair de "{ $from }".
advice-migrated = { $new } está ativo a partir de "{ $to }" e { $old } já não existe. Concluído.

## Screen: what happened, in the view of events

event-run-started = { $by } iniciou a execução { $name }
event-resumed = { $by } retomou a execução; as aprovações são pedidas de novo
event-session = skuferry { $version }, sessão iniciada por { $method }
event-session-on = skuferry { $version } em { $host }, sessão iniciada por { $method }
event-preflight = verificação prévia: { $ready ->
    [one] { $ready } pronto
   *[other] { $ready } prontos
}, { $blocked ->
    [one] { $blocked } bloqueado
   *[other] { $blocked } bloqueados
}
event-batch-checked = { $batch }: verificação feita, { count-users } { $count ->
    [one] bloqueado
   *[other] bloqueados
}
event-with-problem = { $what }; { $problem }
event-add-approved = { $batch }: { $by } aprovou adicionar { count-users } a "{ $group }"
event-adding = a adicionar { $who } a "{ $group }"
event-added = adicionado a "{ $group }": { $who }
event-not-added = não adicionado a "{ $group }": { $who }: { $fault }
event-perhaps-added = talvez adicionado a "{ $group }", o inquilino vai ser consultado: { $who }: { $fault }
event-found-in = lido de novo: { $who } está em "{ $group }"
event-found-not-in = lido de novo: { $who } não está em "{ $group }"
event-adds-acknowledged = { $batch }: todas as adições estão confirmadas
event-remove-approved = { $batch }: { $by } aprovou remover { count-users } de "{ $group }"
event-proven = duas leituras recentes mostram que é seguro remover { $who }
event-not-proven = { $who } não é removido: { $why }
event-removing = a remover { $who } de "{ $group }"
event-removed = removido de "{ $group }": { $who }
event-not-removed = não removido de "{ $group }": { $who }: { $fault }
event-perhaps-removed = talvez removido de "{ $group }", o inquilino vai ser consultado: { $who }: { $fault }
event-found-left = lido de novo: { $who } saiu de "{ $group }"
event-found-not-left = lido de novo: { $who } ainda está em "{ $group }"
event-removes-acknowledged = { $batch }: todas as remoções estão confirmadas
# $what is one user and their standing, or counts of standings.
event-seen = visto: { $what }
event-read-failed = a leitura falhou ({ $what }): { $fault }
event-delayed = { $what }: à espera, tenta-se de novo: { $fault }
event-groups-wrong = nada mais é escrito: { $problem }
event-groups-right = os dois grupos estão de novo como devem estar
event-batches-under-way = { $count ->
    [one] { $by } permite { $count } lote em curso ao mesmo tempo
   *[other] { $by } permite { $count } lotes em curso ao mesmo tempo
}
event-excluded = { $by } excluiu { $user }
event-reprocess-approved = { $by } aprovou reprocessar a licença de { $who }
event-reprocessing = a reprocessar a licença de { $who }
event-reprocess-expected = o licenciamento viu { $who } de novo: o conflito é o esperado
event-reprocessed = o licenciamento vê { $who } de novo
event-not-reprocessed = o licenciamento diz não a { $who }: { $fault }
event-perhaps-reprocessed = talvez o licenciamento veja { $who } de novo: { $fault }
event-direct-approved = { $by } aprovou retirar { $product }, atribuído diretamente, a { $who }
event-taking-direct = a retirar { $product }, atribuído diretamente, a { $who }
event-direct-taken = a licença direta foi retirada a { $who }
event-direct-not-taken = a licença direta não foi retirada a { $who }: { $fault }
event-direct-perhaps-taken = talvez a licença direta tenha sido retirada a { $who }: { $fault }
event-explained = { $who }: o registo de auditoria diz: { $why }
event-taken-out = outra pessoa retirou { $who } de "{ $group }"
event-put-back = outra pessoa voltou a pôr { $who } em "{ $group }"
event-rollback-started = { $by } faz { $who } voltar de "{ $from }" para "{ $to }"
event-halted = parada: { $why }
event-halt-lifted = { $by } levantou a paragem
event-alarm = alarme: { $who } sem licença
event-alarm-acknowledged = { $by } reconheceu o alarme
event-two-users = { $one } e { $other }

## What keeps a user from the target, and what an administrator can do about it

# After Microsoft Learn, "Identify and resolve license assignment problems for a group", and the notes of group-based
# licensing: an error is not tried again by itself when seats are bought, a dependency is met or an address is freed.
# $old and $new are the licenses that the user leaves and gets on their way, $from and $to are their groups.
# A letter in brackets is the key that does it: r reprocess, R roll back, x exclude, d remove a direct license, p poll.
remedy-error-count-violation = Não há licenças disponíveis de um dos produtos do grupo para este utilizador.
remedy-error-count-violation-action = Compre licenças ou retire-as a utilizadores que já não precisem delas, e depois reprocesse a licença (r): ter licenças disponíveis não basta para o desencadear.
remedy-error-mutually-exclusive-violation = Um serviço deste produto não pode coexistir com um serviço que o utilizador tem por outro produto.
remedy-error-mutually-exclusive-violation-action = Descubra esse outro produto: se for o próprio { $old }, execute com scenario = "conflicting"; senão, retire-o ao utilizador ou desative um dos dois serviços, e depois reprocesse a licença (r).
remedy-error-dependency-violation = Um serviço de que outro produto do utilizador precisa está em falta, ou desapareceria com esta alteração.
remedy-error-dependency-violation-action = Forneça esse serviço por outro produto do utilizador, ou desative o que precisa dele, e depois reprocesse a licença (r).
remedy-error-prohibited-in-usage-location-violation = Um serviço deste produto não está disponível no país definido como localização de utilização do utilizador.
remedy-error-prohibited-in-usage-location-violation-action = Corrija a localização de utilização, se estiver errada, e reprocesse a licença (r), ou exclua o utilizador (x).
remedy-error-uniqueness-violation = O endereço de correio que o utilizador receberia com a licença já pertence a outra pessoa ou a outra coisa.
remedy-error-uniqueness-violation-action = Procure no Exchange o destinatário com o mesmo endereço, altere um dos dois, e depois reprocesse a licença (r).
remedy-error-other = Normalmente falhou outro produto do mesmo grupo para este utilizador, e um grupo atribui todos os seus produtos ou nenhum.
remedy-error-other-action = Procure o erro de base nas outras licenças que o utilizador tem deste grupo, corrija-o, e depois reprocesse a licença (r).
remedy-unknown-error = O Graph dá um motivo que o skuferry não conhece, por isso nada se supõe sobre ele.
remedy-unknown-error-action = Procure a palavra nos detalhes de licença do utilizador e no registo de auditoria do Microsoft Entra, corrija a causa, e depois reprocesse a licença (r).
remedy-unknown-state = O Graph mostra { $new } num estado que não é uma atribuição e não indica nenhum erro.
remedy-unknown-state-action = Consulte de novo (p); se continuar, reprocesse a licença (r) e veja o registo de auditoria do Microsoft Entra.
remedy-trouble-target-elsewhere = O utilizador tem { $new }, mas não a partir de "{ $to }".
remedy-trouble-target-elsewhere-action = Descubra quem o atribui, diretamente ou por outro grupo; termine essa atribuição quando "{ $to }" também o atribuir, ou exclua o utilizador (x).
remedy-trouble-source-elsewhere = { $old } já não vem de "{ $from }", mas de uma atribuição direta ou de outro grupo.
remedy-trouble-source-elsewhere-action = Descubra quem moveu o utilizador: volte a pô-lo em "{ $from }", ou exclua-o (x) e migre-o com esse outro grupo.
remedy-trouble-unexplained = O utilizador tem uma licença que o Graph não diz de onde vem.
remedy-trouble-unexplained-action = Consulte de novo (p), porque os detalhes podem vir atrasados; se continuar, reprocesse a licença (r) e compare com o centro de administração.
remedy-end-state-excluded = Sem "{ $from }", o utilizador continuaria a ter um produto que exclui um dos de "{ $to }", e "{ $to }" não daria nada.
remedy-end-state-excluded-action = Retire esse produto ao utilizador, ou desative um dos dois serviços, e depois consulte de novo (p); ou exclua o utilizador (x).
remedy-end-state-excluded-by-waiting = Um produto que está à espera, em erro, para este utilizador exclui um dos de "{ $to }". Volta a ser tentado quando { $old } sair, e pode prevalecer: nesse caso "{ $to }" não dá nada.
remedy-end-state-excluded-by-waiting-action = Retire o utilizador do grupo que o atribui, ou termine essa atribuição, e depois consulte de novo (p); ou exclua o utilizador (x).
remedy-end-state-excluded-by-companion = Dois produtos de "{ $to }" excluem-se, e um grupo dá todos os seus produtos ou nenhum.
remedy-end-state-excluded-by-companion-action = Desative um dos dois serviços em "{ $to }", ou retire-lhe um dos dois produtos, e depois reprocesse a licença (r).
remedy-end-state-unexplained = Um produto de "{ $to }" está à espera, em conflito, e nada do que se conhece de { $old } o explica; pode ser por causa de outro produto do utilizador.
remedy-end-state-unexplained-action = Veja no registo de auditoria do Microsoft Entra que dois serviços se excluem; saia de "{ $from }" só se um deles for de { $old }.
remedy-end-state-needs = Um serviço que o utilizador teria precisa de outro, que já nada traria.
remedy-end-state-needs-action = Forneça esse serviço por "{ $to }" ou por outro produto, ou desative o que precisa dele, e depois consulte de novo (p).
remedy-end-state-no-seat = Não há licenças disponíveis de um produto que "{ $to }" atribui, e um grupo dá todos os seus produtos ou nenhum.
remedy-end-state-no-seat-action = Compre ou liberte licenças, e depois consulte de novo (p): ninguém sai de "{ $from }" antes disso.
remedy-end-state-unknown-plans = Não é possível ler os serviços de um produto que "{ $to }" atribui, por isso não se sabe o que excluem.
remedy-end-state-unknown-plans-action = Confirme que a subscrição do produto existe, e depois consulte de novo (p); ou exclua o utilizador (x).
remedy-end-state-fails-elsewhere = Uma licença do utilizador já falha por um motivo que vai afetar também "{ $to }", como um endereço de correio já utilizado.
remedy-end-state-fails-elsewhere-action = Corrija primeiro esse erro e reprocesse a licença (r), ou exclua o utilizador (x).
remedy-end-state-not-usable = A subscrição de um produto que "{ $to }" atribui está suspensa, eliminada ou bloqueada, e o produto não serve de nada.
remedy-end-state-not-usable-action = Renove a subscrição, e depois consulte de novo (p): ninguém sai de "{ $from }" antes disso; ou exclua o utilizador (x).
remedy-end-state-no-longer-assigned = "{ $to }" já não atribui um produto que atribuía na verificação prévia, por isso o utilizador não receberia o que estava planeado.
remedy-end-state-no-longer-assigned-action = Faça "{ $to }" atribuí-lo de novo, e depois consulte de novo (p). Se a alteração for intencional, reverta os utilizadores (R) e comece uma execução nova.
remedy-end-state-loses-service = Perder-se-ia um serviço com que o utilizador trabalha: nem "{ $to }" nem outro produto do utilizador o traz.
remedy-end-state-loses-service-action = Ative-o em "{ $to }", e depois consulte de novo (p). Se a perda for intencional, indique-o em accept_losses e retome a execução.
remedy-end-state-location-changed = A localização de utilização do utilizador não é a da verificação prévia. Só depois de { $old } sair se vê se { $new } está disponível lá.
remedy-end-state-location-changed-action = Reponha a localização de utilização, e depois consulte de novo (p); ou exclua o utilizador (x).
remedy-end-state-unknown = O que o utilizador teria sem "{ $from }" não é suficiente.
remedy-end-state-unknown-action = Veja as licenças do utilizador, corrija o que está em erro, e depois consulte de novo (p).
remedy-holder-not-processed = O utilizador saiu de "{ $from }", e o serviço ainda não retirou { $old }.
remedy-holder-not-processed-action = Espere; se demorar muito mais do que para os outros, reprocesse a licença (r).
remedy-holder-dependency = { $old } fica porque outro produto do utilizador precisa de um dos seus serviços.
remedy-holder-dependency-action = Forneça esse serviço por outro produto ou desative o que precisa dele, e depois reprocesse a licença (r).
remedy-holder-direct = { $old } também está atribuído diretamente ao utilizador.
remedy-holder-direct-action = Remova a licença direta (d); { $new } fica.
remedy-holder-group = Outro grupo também atribui { $old } ao utilizador.
remedy-holder-group-action = Retire o utilizador desse grupo, ou retire a licença ao grupo, depois de ver quem mais precisa dela.
remedy-holder-unnamed = O utilizador ainda mostra { $old }, e o Graph não diz de onde vem.
remedy-holder-unnamed-action = Consulte de novo (p), porque os detalhes podem vir atrasados; se continuar, reprocesse a licença (r).
remedy-lost-part = O utilizador tem { $new }, e desapareceu algo que devia receber ou manter.
remedy-lost-part-action = Procure nas licenças do utilizador o que está em erro ou em falta, corrija, e depois reprocesse a licença (r).
remedy-unlicensed = O utilizador não tem { $old } nem { $new } e não pode trabalhar.
remedy-unlicensed-action = Confirme que o utilizador está em "{ $to }" e que há uma licença disponível, e depois reprocesse a licença (r).
remedy-missing = O utilizador foi eliminado, ou o Graph não o encontra.
remedy-missing-action = Se estiver errado, restaure a conta e consulte de novo (p); se estiver certo, exclua o utilizador (x).

## The report: what the run did

# The first line, and how the journal ends behind it.
# The first line of a rehearsal's report; $state is the sentence that stands there otherwise.
report-rehearsal = ENSAIO numa cópia do inquilino, nada aconteceu a ninguém. { $state }
report-not-begun = A execução ainda não começou
report-complete = A execução está concluída
report-under-way = A execução está em curso: este relatório conta-a até aqui
report-under-way-halted = A execução está em curso e parada: { $why }
report-halted = A execução está parada: { $why }
report-halted-unrecorded = A execução está parada: nenhum motivo registado
report-stopped = A execução foi interrompida e não está concluída
report-journal-cut = { $count ->
    [one] { $state }; o diário está cortado: termina após { $count } registo, a meio do seguinte
   *[other] { $state }; o diário está cortado: termina após { $count } registos, a meio do seguinte
}
report-journal-damaged = { $state }; o diário termina antes da linha { $line }, que não pode ser usada: { $why }
report-not-recorded = não registado
report-newer-format = foi escrito por uma versão mais recente do skuferry (formato { $version })
# $unlicensed is a length, as in report-seconds.
report-summary = { $done } de { $of } migrados, { $unlicensed } sem licença
report-summary-back = { $done } de { $of } migrados, { $back } revertidos, { $unlicensed } sem licença
# $shown is the count with its thousands apart.
report-seconds = { $count ->
    [one] { $shown } segundo
   *[other] { $shown } segundos
}

## The report: sums and settings

report-card-listed = Na lista
report-card-in-batches = Em lotes
report-card-migrated = Migrados
report-card-rolled-back = Revertidos
report-card-added = Adicionados por esta execução
report-card-removed = Removidos por esta execução
report-card-excluded = Excluídos
report-card-blocked = Bloqueados
report-card-stuck = Retidos
report-card-unlicensed = Sem licença agora
report-card-ever-unlicensed = Alguma vez sem licença
report-card-seconds-unlicensed = Segundos sem licença
report-card-unknown-outcome = Escritas de resultado desconhecido
report-card-failed-requests = Pedidos falhados
report-setting-scenario = Cenário
report-setting-batch-size = Tamanho do lote
report-setting-canary = Canário
report-setting-max-stuck = Utilizadores retidos que suporta
report-setting-interval = Intervalo de consulta
report-setting-late-after = Atrasado após
report-setting-grace = Tolerância sem licença
report-plans-gone = Planos de serviço que desaparecem
report-plans-lower = De nível inferior
report-plans-new = Novos
report-plans-replaced = Substituídos por um de nível igual ou superior
report-plans-also-lost = Outros produtos que saem com o grupo de origem

## The report: cells of its tables

report-note-had = tinha { $products }
report-note-has = tem { $products }
report-note-back-since = de volta desde { $time }
report-warning = aviso: { $what }
report-excluded = excluído pelo operador
report-not-removed = não removido: { $why }
report-not-seen = ainda não visto
report-canary-none = ainda nenhum
report-canary-arrived = { count-users } a partir de { $removed }, chegados a { $arrived }
report-canary-under-way = { count-users } a partir de { $removed }, nem todos chegados
report-screen-group = grupo “{ $group }”
report-free-seats = { $count ->
    [one] { $count } licença disponível
   *[other] { $count } licenças disponíveis
}
report-left-out = { $count } de fora
report-and-more = e mais { $count }
report-change = { $family } (de { $from } para { $to })

## The report: what happened, each in a sentence

report-told-started = a execução { $run } começou
report-told-rehearsal = a execução { $run } começou: um ensaio numa cópia do inquilino
report-told-resumed = a execução foi retomada; as aprovações são pedidas de novo
report-told-session = skuferry { $version }, sessão iniciada por { $method }
report-told-session-on = skuferry { $version } em { $host }, sessão iniciada por { $method }
report-told-session-as = skuferry { $version }, sessão iniciada por { $method } como { $account }
report-told-session-on-as = skuferry { $version } em { $host }, sessão iniciada por { $method } como { $account }
report-told-preflight = verificação prévia: { $ready ->
    [one] { $ready } pronto
   *[other] { $ready } prontos
}, { $blocked ->
    [one] { $blocked } bloqueado
   *[other] { $blocked } bloqueados
}
report-told-batch-checked = o lote foi verificado: { count-users } { $count ->
    [one] bloqueado
   *[other] bloqueados
}
report-told-adds-acknowledged = todas as adições estão confirmadas
report-told-removes-acknowledged = todas as remoções estão confirmadas
report-told-proven = duas leituras recentes mostram que é seguro remover { count-users }
# $what is one standing, or counts of standings.
report-told-seen = visto: { $what }
report-told-read-failed = a leitura falhou ({ $what }): { $fault }
report-told-delayed = { $what }: à espera, tenta-se de novo: { $fault }
report-told-groups-right = os dois grupos estão de novo como devem estar
report-told-groups-wrong = nada mais é escrito
report-told-excluded = excluído do lote
report-told-explained = o registo de auditoria diz: { $why }
report-told-rollback = { $count ->
    [one] { $count } utilizador vai ser revertido
   *[other] { $count } utilizadores vão ser revertidos
}
report-told-halted = parada: { $why }
report-told-halt-lifted = a paragem foi levantada
report-told-alarm = alarme: { count-users } sem licença
report-told-alarm-acknowledged = o alarme foi reconhecido
report-told-batch-complete = lote concluído
report-told-migration-complete = migração concluída
# $kind is the kind of a write: add, remove, reprocess or remove-direct.
report-told-approved = { $kind ->
    [add] aprovado: adicionar { count-users }
    [remove] aprovado: remover { count-users }
    [reprocess] aprovado: reprocessar { count-users }
   *[other] aprovado: remover a licença direta de { count-users }
}
report-told-approved-in = { $approved } ({ $group })
report-told-intended = { $kind ->
    [add] a adicionar { count-users }
    [remove] a remover { count-users }
    [reprocess] a reprocessar { count-users }
   *[other] a remover a licença direta de { count-users }
}
report-told-done = { count-users } { $kind ->
    [add] { $count ->
        [one] adicionado
       *[other] adicionados
    }
    [remove] { $count ->
        [one] removido
       *[other] removidos
    }
    [reprocess] { $count ->
        [one] reprocessado
       *[other] reprocessados
    }
   *[other] sem a licença direta
}
report-told-not-done = { $kind ->
    [add] { count-users } por adicionar: { $fault }
    [remove] { count-users } por remover: { $fault }
    [reprocess] { count-users } por reprocessar: { $fault }
   *[other] { count-users } ainda com a licença direta: { $fault }
}
report-told-perhaps-done = { $kind ->
    [add] talvez adicionados, { count-users }: { $fault }
    [remove] talvez removidos, { count-users }: { $fault }
    [reprocess] talvez reprocessados, { count-users }: { $fault }
   *[other] talvez sem a licença direta, { count-users }: { $fault }
}
report-told-in-effect = { $kind ->
    [add] lido de novo: adicionado
    [remove] lido de novo: removido
    [reprocess] lido de novo: reprocessado
   *[other] lido de novo: sem a licença direta
}
report-told-not-in-effect = { $kind ->
    [add] lido de novo: não adicionado
    [remove] lido de novo: não removido
    [reprocess] lido de novo: não reprocessado
   *[other] lido de novo: ainda com a licença direta
}
report-told-taken-out = outra pessoa voltou a retirá-los do grupo
report-told-put-back = outra pessoa voltou a pô-los no grupo

## The report: its pictures

report-chart-progress = Progresso ao longo do tempo
report-chart-progress-end = no fim: { $added ->
    [one] { $added } adicionado
   *[other] { $added } adicionados
}, { $removed ->
    [one] { $removed } removido
   *[other] { $removed } removidos
}, { $migrated ->
    [one] { $migrated } migrado
   *[other] { $migrated } migrados
}
report-chart-added = adicionados
report-chart-removed = removidos
report-chart-migrated = migrados
report-chart-latencies = Quanto tempo demorou o licenciamento
report-chart-over = mais de { $length }
report-chart-to-ready = de adicionado a pronto
report-chart-to-migrated = de removido a migrado
report-chart-latency = { $name }: metade em { $middle }, 95 % em { $slow }, o último ao fim de { $last }
report-chart-nobody = { $name }: ainda ninguém
report-chart-batches = Lotes ao longo do tempo
report-chart-batch-rows = { $count ->
    [one] { $count } lote, uns por baixo dos outros
   *[other] { $count } lotes, uns por baixo dos outros
}
report-chart-phase = lote { $batch }: { $phase }, { $length }
report-chart-add = Adicionar ao destino
report-chart-verify-added = Verificar adição
report-chart-remove = Remover da origem
report-chart-verify-migrated = Verificar migração
report-chart-nothing = { $title }: ainda nada
report-chart-nothing-written = ainda nada foi escrito

## The report: its page

report-run-not-begun = uma execução que ainda não começou
report-page-title = skuferry: { $name }
# $count is the number of users, and $all the same as it is shown.
report-first-users = { $count ->
    [one] Os primeiros { $shown } de { $all } utilizador
   *[other] Os primeiros { $shown } de { $all } utilizadores
}

## The report: what the script of its page says. $category is that of the number: zero, one, two, few, many or other

report-script-shown = { $found }{ $rows }; { $unlicensed }
# Stands behind report-script-found.
report-script-rows = , linhas { $from } a { $to }
# $category is that of $all.
report-script-found = { $category ->
    [one] { $shown } de { $all } utilizador
   *[other] { $shown } de { $all } utilizadores
}
# $category is that of $seconds.
report-script-unlicensed = { $category ->
    [one] { $seconds } segundo sem licença
   *[other] { $seconds } segundos sem licença
}

## The report: headings of its sections and columns

report-head-numbers = Em números
report-head-what = O quê
report-head-number = Número
report-head-users = Utilizadores
report-head-user = Utilizador
report-head-became = Resultado
report-head-stands = Situação
report-head-batch = Lote
report-head-added = Adicionado
report-head-ready = Pronto
report-head-removed = Removido
report-head-migrated = Migrado
report-head-unlicensed-short = s sem licença
report-head-approvals = Aprovações
report-head-causes = Produtos, motivos e causas
report-head-approval-number = N.º
report-head-when = Quando
report-head-by = Por
report-head-reason = Motivo
report-head-screen = O que estava no ecrã
report-head-incidents = Paragens, alarmes, outras pessoas, reversões
report-head-failures = Pedidos falhados
report-head-code = Estado e código
report-head-sentence = Frase
report-head-request-id = request-id
report-head-batches = Lotes
report-head-phase = Fase
report-head-arrived = Chegados
report-head-adding-approved = Adição aprovada
report-head-removing-approved = Remoção aprovada
report-head-complete = Concluído
report-head-canary = Canário
report-head-exceptions = Exceções
report-head-why = Porquê
report-head-plan = Plano
report-head-sittings = Quem executou, onde e como
report-head-since = Desde
report-head-operator = Operador
report-head-machine = Máquina
report-head-sign-in = Início de sessão
report-head-as = Como
report-head-settings = Definições
report-head-value = Valor
report-head-from = De
report-head-to = Para
report-head-scenario = Cenário
report-head-pair = Par
report-head-seats = Licenças
report-head-preflight = Verificação prévia
report-head-warning-head = Aviso
report-head-problem = Problema

## The report: sentences between its tables

report-none = Nenhum.
report-nothing = nenhum
report-migration = Migração { $name } · { $tenant } · execução { $run } · { $started } a { $last }, todas as horas em UTC
report-side = { $name } ({ $part-number }), grupo “{ $group }” ({ $id })
report-scenario = { $scenario }; os planos preveem: { $predicted }
report-excludes = { $one } exclui { $other }
report-seats = disponíveis: { $free }, necessárias: { $needed }
report-seats-of = { $product }: disponíveis { $free }, necessárias { $needed }
report-preflight = prontos: { $ready }, bloqueados: { $blocked }
# $records is the count as it is shown.
report-made-from = { $count ->
    [one] Feito a partir do diário da execução, com { $records } registo. Os segundos sem licença são os que as leituras viram, arredondados por excesso. Esquema { $schema }.
   *[other] Feito a partir do diário da execução, com { $records } registos. Os segundos sem licença são os que as leituras viram, arredondados por excesso. Esquema { $schema }.
}

## The report: words of its page alone

report-page-show-all = Mostrar tudo
report-page-previous = Linhas anteriores
report-page-next = Linhas seguintes
report-head-unlicensed = Segundos sem licença
report-page-search = Procurar nome, causa ou motivo
report-page-outcome = O que lhes aconteceu
report-page-ever-unlicensed = Alguma vez sem licença
report-head-pairs = Pares que o explicam
report-head-problems = Problemas e avisos
report-page-all = todos
report-page-to-users = Para os utilizadores
report-no-approval = Nenhuma foi dada, por isso nada foi escrito.
report-page-approval-numbers = A tabela de utilizadores tem os números das aprovações que indicam cada um.
report-page-progress = Utilizadores ao longo do tempo: adicionados ao grupo de destino, removidos do grupo de origem, migrados.
report-page-run = { $name } · { $tenant } · execução { $run } · { $started } a { $last }, todas as horas em UTC
report-page-latencies = Quanto tempo demorou o licenciamento, em utilizadores: { $lengths }
report-page-batches = Lotes ao longo do tempo.
report-page-batches-more = Lotes ao longo do tempo; mais { $left } estão na tabela.
report-page-in-json = mais { $left } estão no JSON do relatório.

## Facts: steps of the work, forms of reads, lists of plans

fact-step-read = ler utilizadores, grupos e produtos
fact-step-add = adicionar utilizadores ao grupo de destino
fact-step-remove = remover utilizadores do grupo de origem
fact-step-reprocess = reprocessar as licenças de um utilizador (r)
fact-step-direct = remover uma licença direta (d)
fact-step-audit = ler no registo de auditoria porque está um utilizador retido
fact-form-member-pages = páginas de membros
fact-form-id-filters = filtros de ID
fact-form-point-reads = leituras individuais
fact-form-cast-pages = páginas de membros convertidas para utilizadores
# Resource units, as Microsoft Graph counts what a request costs.
fact-pass-units = { $count ->
    [one] { $count } unidade de recurso
   *[other] { $count } unidades de recurso
}
# $form is a form of request, $status a status of HTTP.
fact-form-refused = não por { $form }: o Microsoft Graph recusa ({ $status })
fact-form-refused-silently = não por { $form }: o Microsoft Graph recusa
fact-form-not-permitted = não por { $form }: o início de sessão não as pode ler (403)
fact-form-not-found = não por { $form }: o Microsoft Graph não encontra o que pedem (404)
fact-form-null-states = não por { $form }: não dizem as licenças (licenseAssignmentStates é null)
fact-form-trouble = não por { $form }: não tiveram boa resposta, e outra forma teve
fact-form-more-requests = { $count ->
    [one] não por { $form }: pelo menos { $count } pedido
   *[other] não por { $form }: pelo menos { $count } pedidos
}
# $set is a set of plans in Microsoft's list, $date the day of the list's current edition.
fact-listed-both = conjunto { $set } da lista da Microsoft, edições de 2019 e de { $date }
fact-listed-current = conjunto { $set } da lista da Microsoft, edição de { $date }, não a de 2019
fact-listed-in-2019 = conjunto { $set } da lista da Microsoft, edição de 2019, não a de { $date }
fact-listed-apart = conjunto { $set } da lista da Microsoft, um plano na edição de 2019, o outro na de { $date }

## The command line: what it prints

cli-log = registo: { $path }
cli-nothing-written = nada ficou registado
cli-and-more = e mais { $count }
cli-and = { $one } e { $other }
cli-or-in = { $one } ou em { $other }
# Who is at work, as the journal keeps it. $account is the one that is signed in.
cli-operator = { $person } como { $account }
cli-operator-unnamed = um operador
cli-config-left-alone = { $path } não é usado, porque pertence a outro utilizador ou outros o podem escrever; indique-o com --config para o usar
cli-host-question =
    { $key } leva a { $host }, que não é nenhuma cloud da Microsoft nem esta máquina.
    Receberia { $secret }. A pergunta é feita uma vez.
    Escreva o nome dele para continuar, ou prima Enter para parar:
cli-sign-in-browser-opened = foi aberto um browser: inicie sessão aí
cli-sign-in-browser = para iniciar sessão, abra este endereço num browser desta máquina: { $address }
cli-sign-in-over-ssh = (por ssh: ligue com ssh -L { $port }:localhost:{ $port }, ou defina method = "device-code")
cli-sign-in-code = para iniciar sessão, abra { $page } em qualquer browser e introduza o código { $code } no prazo de { $left }
cli-check-route = { $source } ({ $source_group }) para { $target } ({ $target_group }), { $scenario }
cli-check-excludes = { $one } exclui { $other }
cli-check-ready = { $ready ->
    [one] { $ready } pronto
   *[other] { $ready } prontos
}, { $blocked ->
    [one] { $blocked } bloqueado
   *[other] { $blocked } bloqueados
}
cli-check-seats = { $free ->
    [one] { $free } licença disponível
   *[other] { $free } licenças disponíveis
}, { $needed ->
    [one] { $needed } necessária
   *[other] { $needed } necessárias
}
cli-check-loses-nothing = nenhum serviço se perde
cli-check-warning = aviso: { $what }
cli-events-cut-short = o diário está cortado: a última linha não está inteira e fica de fora
cli-events-of-batch = lote { $batch }: { $text }
cli-events-by = { $text }, por { $by }
cli-kept-settings = esta execução mantém as suas próprias definições: { $settings }
cli-kept-setting = { $key } { $run } (a configuração diz { $here })
cli-run-not-kept = esta sessão só leu, e nada dela fica guardado
cli-run-looked-at = a execução { $id } só foi vista; está a trabalhar noutro skuferry
# $back is run-rolled-back or nothing.
cli-run-ended = { $state }: execução { $id }{ $back }
cli-run-not-complete = a execução { $id } não está concluída; continue com: { $command }
cli-demo-not-complete = a demonstração terminou antes de a migração estar concluída
cli-demo-ended = { $state }: execução { $id }, guardada em { $path }
cli-report-written = escrito: { $path }
cli-sim-listening = listening on { $url }
cli-runs-none = Ainda não há execuções em { $folder }.
cli-runs-run = EXECUÇÃO
cli-runs-started = INICIADA
cli-runs-written = ÚLTIMA ESCRITA
cli-runs-migration = MIGRAÇÃO
cli-runs-what = { $name } ({ $source } para { $target }, { $tenant })
cli-runs-torn = { $run } [a última linha está cortada]
cli-prune-run = { $id }  última escrita { $at }  { $what }
cli-prune-stays = fica: { $run }: { $why }
cli-prune-nothing = Não há nada para eliminar.
# $count is typed as it is shown.
cli-prune-question = { $count ->
    [one] Para eliminar de vez o diário de { $count } execução
   *[other] Para eliminar de vez os diários de { $count } execuções
} e os relatórios exportados, escreva { $count }:
cli-prune-given-up = Nada foi eliminado.
cli-prune-deleted = eliminada { $id }
cli-prune-complete = { $name } (concluída)
cli-prune-not-complete = { $name } (não concluída)
cli-prune-not-read = não pode ser lida
# $what is cli-prune-complete, cli-prune-not-complete, cli-nothing-written or cli-prune-not-read.
cli-prune-of-demo = { $what }, uma execução da demonstração
# $what as in cli-prune-of-demo.
cli-prune-of-rehearsal = { $what }, uma execução de um ensaio
cli-prune-by-hand = elimine { $path } à mão, se for essa a intenção
cli-prune-under-way = há uma execução em curso entre os seus grupos
cli-prune-written-since = foi escrita entretanto
cli-status-run = execução { $id } · { $name } · { $tenant }
cli-status-route = { $source } para { $target }, { $scenario }
cli-status-started = iniciada { $started }, última escrita { $written }
cli-status-no-batch = ainda nenhum lote: a verificação prévia não terminou, ou ninguém está pronto
cli-status-batch-of = { $batch } de { $count }
# $exceptions is phase-exceptions or nothing.
cli-status-batch-complete = { $batch }: concluído{ $exceptions }
cli-status-totals = { $back ->
    [0] { $migrated } de { $listed } migrados, { $excluded ->
        [one] { $excluded } excluído
       *[other] { $excluded } excluídos
    }, { $blocked ->
        [one] { $blocked } bloqueado
       *[other] { $blocked } bloqueados
    }, { $unlicensed } sem licença
   *[other] { $migrated } de { $listed } migrados, { $back ->
        [one] { $back } revertido
       *[other] { $back } revertidos
    }, { $excluded ->
        [one] { $excluded } excluído
       *[other] { $excluded } excluídos
    }, { $blocked ->
        [one] { $blocked } bloqueado
       *[other] { $blocked } bloqueados
    }, { $unlicensed } sem licença
}
cli-status-unlicensed = { $user } está sem licença desde { $since }
cli-status-was-unlicensed = { $user } esteve sem licença durante { $length }
cli-status-unknown = { $count ->
    [one] o resultado de { $count } escrita não é conhecido; ao retomar, o inquilino é consultado antes de se escrever
   *[other] o resultado de { $count } escritas não é conhecido; ao retomar, o inquilino é consultado antes de se escrever
}
cli-status-stopped = interrompida: nenhum skuferry está a trabalhar nesta execução, e nada é escrito
cli-status-left = como ficou: { $waiting }
cli-status-resume = continue com: { $command }
cli-status-demo = uma execução da demonstração: o seu inquilino termina com ela, por isso não pode ser retomada
cli-status-rehearsal = uma execução de um ensaio: a cópia do inquilino termina com o ensaio, por isso não pode ser retomada
# $reported is a word as in JSON, such as source-only.
cli-verify-differs = { $user }: o relatório diz { $reported }, agora { $now }
cli-verify-unread = { $user }: não foi possível ler: { $why }
cli-verify-sums = { $same ->
    [one] { $same } utilizador está como o relatório diz
   *[other] { $same } utilizadores estão como o relatório diz
}, { $differ ->
    [one] { $differ } não está
   *[other] { $differ } não estão
}
cli-verify-not-compared = o relatório nada diz sobre a situação de { count-users }
cli-whoami-configured = configurado como { $id }
cli-whoami-tenant = inquilino
cli-whoami-method = método
cli-whoami-application = aplicação
cli-whoami-account = conta
cli-whoami-client-id = ID de cliente
cli-whoami-ends = fim do token
cli-whoami-ends-at = { $end }, daqui a { $left }
cli-whoami-permissions = permissões
cli-whoami-names-none = o token não indica nenhuma
cli-whoami-roles = funções
cli-whoami-not-told = o token não diz
cli-whoami-no-role = nenhuma para todo o inquilino que conte aqui
cli-whoami-step = passo
cli-whoami-permission = permissão
cli-whoami-role = função
cli-whoami-what-for = para quê
cli-whoami-permission-not-told = não se sabe
cli-whoami-permission-granted = concedida
cli-whoami-permission-missing = EM FALTA
cli-whoami-role-not-needed = não é precisa
cli-whoami-role-held = atribuída
cli-whoami-role-not-seen = não se vê
cli-whoami-optional = { $step } (uma migração continua sem isto): { $whereto }
cli-whoami-missing-application = falta a permissão { $names }. Conceda-a no centro de administração do Entra: Registos de aplicações, a aplicação, Permissões de API, Adicionar uma permissão, Microsoft Graph, Permissões de aplicação; depois, Conceder consentimento do administrador.
cli-whoami-missing-delegated = falta a permissão { $names }. Conceda-a no centro de administração do Entra: Registos de aplicações, a aplicação, Permissões de API, Adicionar uma permissão, Microsoft Graph, Permissões delegadas; depois, Conceder consentimento do administrador.
cli-whoami-role-missing = { $owner ->
    [yes] a conta precisa de uma das funções { $names }, ou de ser proprietária do grupo; o token não mostra nenhuma.
   *[no] a conta precisa de uma das funções { $names }; o token não mostra nenhuma.
} Atribua-a no centro de administração do Entra: Funções e administradores. Uma função para uma unidade administrativa não aparece aqui: basta, se a unidade tiver os grupos e, para reprocessar e para licenças diretas, também os utilizadores.

## The command line: what went wrong, why, and what to do

error-cli-label-what = erro
error-cli-label-why = porquê
error-cli-label-action = o que fazer
error-cli-no-start = o skuferry não consegue iniciar
error-cli-not-printed = não é possível apresentar a resposta
error-cli-machine-action = Confirme que esta conta pode usar o ficheiro, a pasta ou o endereço, e tente de novo.
error-cli-not-written = não é possível escrever { $path }
error-cli-no-folder = não é possível criar a pasta { $path }
error-cli-no-answer = não é possível ler a resposta
error-cli-terminal = não é possível usar o terminal
error-cli-engine = o motor parou antes de tempo
error-cli-signals = não é possível receber sinais
error-cli-no-place = não há lugar para os dados do skuferry
error-cli-no-home = esta conta não tem pasta pessoal
error-cli-no-place-action = Defina { $data } e { $config } com pastas em que possa escrever.
error-cli-no-config = ainda não há configuração
error-cli-no-config-why = não há config.toml em { $folders }
error-cli-no-config-action = Execute `skuferry` ou `skuferry setup` num terminal, que a cria consigo. `skuferry demo` não precisa de nenhuma. Ou copie config.example.toml para config.toml e altere o que for seu.
error-cli-no-terminal = não há terminal para abrir
error-cli-no-terminal-why = a saída padrão não é um terminal
error-cli-no-terminal-action = Execute num terminal, ou use `skuferry check --json`, que não precisa de nenhum.
error-cli-demo-list = não é possível ler a lista de utilizadores da demonstração
error-cli-demo-list-action = Comunique este problema.
error-cli-run-stopped = a execução não pode continuar
error-cli-run-stopped-action = Comece uma execução nova: a verificação prévia volta a consultar o inquilino.
error-cli-run-held = não é possível abrir a execução para escrita
error-cli-run-held-action = Termine a outra execução, ou abra esta com --read-only.
error-cli-other-run = a execução { $id } não pode continuar com esta configuração
error-cli-other-run-action = Indique com --config a configuração com que a execução começou, ou comece uma execução nova.
error-cli-differs = { $what }: a execução tem { $run }, a configuração { $here }
error-cli-differs-source-group = grupo de origem
error-cli-differs-target-group = grupo de destino
error-cli-differs-source-sku = SKU de origem
error-cli-differs-target-sku = SKU de destino
error-cli-differs-tenant = inquilino
error-cli-differs-address = endereço do Microsoft Graph
error-cli-journal-stopped = o diário não pode continuar
error-cli-journal-not-usable = não é possível usar o diário
error-cli-journal-damaged = não é possível ler o diário para além da linha { $line }
error-cli-journal-damaged-action = Todos os eventos anteriores estão apresentados acima.
error-cli-no-run = não há nenhuma execução
error-cli-no-run-why = { $folder } está vazia
error-cli-no-run-action = Comece uma com `skuferry run`; as da demonstração terminam com ela.
error-cli-no-run-told = { $path } não conta nenhuma execução
error-cli-no-run-told-action = Restaure o ficheiro a partir de uma cópia de segurança, ou comece uma execução nova: a verificação prévia volta a consultar o inquilino.
error-cli-run-id = esperava-se o ID de uma execução, como os que `skuferry runs` apresenta
error-cli-age = esperava-se um número de dias ou horas, como 90d ou 12h
error-cli-speed = esperava-se um número acima de 0, como 60
error-cli-not-deleted = não é possível eliminar a execução { $id }
error-cli-verify-other = não é possível verificar a execução { $id }
error-cli-verify-other-groups = foi entre outros grupos que não os desta configuração
error-cli-verify-other-tenants = foi entre outros inquilinos que não os desta configuração
error-cli-verify-other-products = foi entre outros produtos que não os desta configuração
error-cli-verify-other-action = Indique com --config a configuração com que a execução começou.
error-cli-verify-line = linha { $line }: { $why }
error-cli-verify-damaged-action = Restaure o ficheiro a partir de uma cópia de segurança: o que ele não diz não pode ser verificado.
error-cli-verify-unread = não foi possível ler { count-users }
error-cli-verify-unread-action = Tente de novo: destes utilizadores nada se diz.
error-cli-tenant-file = não é possível ler o ficheiro de inquilino { $path }
error-cli-tenant-file-action = Indique o caminho de um ficheiro de inquilino, ou omita --tenant.
error-cli-sim = não é possível servir o inquilino simulado
error-cli-sim-action-listen = Indique um endereço desta máquina, como --listen 127.0.0.1:0.
error-cli-sim-action-speed = Indique uma velocidade, como --speed 60.
error-cli-sim-action-port = Deixe-o usar uma porta livre com --listen 127.0.0.1:0, ou liberte esta.
error-cli-sim-action-tenant = Corrija o ficheiro de inquilino.
error-cli-sim-action-tls = Omita --tls: os clientes nesta máquina podem usar http.
error-cli-sim-action-folder = Indique um local onde possa escrever e onde ainda não haja nenhum ficheiro com este nome.
error-cli-host = nada foi enviado a { $host }
# $key is graph_url or login_url; $answer is nobody where nobody sits at a terminal.
error-cli-host-why = { $answer ->
    [nobody] { $key } leva a { $host }, que não é nenhuma cloud da Microsoft nem esta máquina; receberia { $secret }, e aqui não há a quem perguntar
   *[other] { $key } leva a { $host }, que não é nenhuma cloud da Microsoft nem esta máquina; receberia { $secret }, e isso não foi confirmado
}
error-cli-host-gets-tokens = tokens de acesso do seu inquilino
error-cli-host-gets-secret = o segredo da sua aplicação
error-cli-host-action = Se conhece { $host }, inicie o skuferry uma vez num terminal e escreva o nome dele quando for pedido, ou acrescente --allow-host { $host }. Se não, corrija { $key } em [tenant].
error-cli-hosts-not-read = não é possível ler em { $path } os anfitriões que foram confirmados
error-cli-hosts-not-read-action = Remova o ficheiro; o skuferry volta a perguntar.
error-cli-sign-in = o início de sessão falhou
error-cli-sign-in-action = Verifique [auth] na configuração e o segredo ou token, e tente de novo.
error-cli-sign-in-given-up = o início de sessão foi cancelado
error-cli-sign-in-given-up-action = Comece de novo para iniciar sessão, ou escolha outro método em [auth].
error-cli-other-tenant = o início de sessão é do inquilino { $other }, e [tenant] id indica { $configured }
error-cli-other-tenant-action = Inicie sessão com uma conta ou um token do inquilino em [tenant], ou corrija o id aí.
error-cli-variable = a variável de ambiente { $variable } não está definida
error-cli-variable-action = Defina { $variable } só para esta sessão e tente de novo.
error-cli-certificate = não é possível usar { $path } para iniciar sessão
error-cli-certificate-action = Indique em [auth] certificate um ficheiro PEM com o certificado e a sua chave RSA.
error-cli-ca-file = não é possível usar { $path } como ca_file
error-cli-ca-file-action = Indique em ca_file um ficheiro PEM com o certificado da autoridade, ou omita a chave.
error-cli-unreachable = não foi possível contactar o Microsoft Graph
error-cli-unreachable-action = Verifique a rede, o proxy e os endereços em [tenant], e tente de novo.
error-cli-refused = o Microsoft Graph recusou
error-cli-refused-action = Leia o motivo acima; o suporte da Microsoft pede o request-id.
error-cli-forbidden-action = Peça a um administrador a permissão ou a função indicada acima.
error-cli-busy = o Microsoft Graph não pode responder agora
error-cli-busy-action = Espere alguns minutos e tente de novo.
error-cli-malformed = a resposta não é do Microsoft Graph
error-cli-malformed-action = Verifique os endereços em [tenant], e que nenhum proxy responde no lugar dele.

## The configuration and the list of users

# What a migration is called when its operator does not say.
config-name = { $source } para { $target }
error-config-unreadable = não é possível ler { $path }
error-config-unreadable-create = Crie o ficheiro, ou indique outro.
error-config-unreadable-action = Tem de ser um ficheiro de texto em UTF-8 que possa ler.
error-config-not-usable = { $path } não pode ser usado como está
error-config-no-file = não é um ficheiro normal
error-config-too-large = tem mais de { $most } MiB
error-config-no-text = não é texto numa codificação conhecida
error-config-correct = Corrija a linha e tente de novo.
error-config-expected = Corrija a linha. Esperava-se: { $expected }.
config-wrong-backslash = uma barra invertida começa uma sequência de escape entre aspas
config-wrong-name-in-address = um endereço não tem nome nem palavra-passe
config-wrong-long-text = este texto de várias linhas não pode ser lido
config-wrong-value = este valor não pode ser lido
config-wrong-same-group = o grupo de destino é o grupo de origem
config-wrong-same-license = a licença de destino é a licença de origem
config-wrong-no-client-id = esta forma de iniciar sessão precisa de um registo de aplicação
config-wrong-no-certificate = esta forma de iniciar sessão precisa de um certificado
config-list-no-column = a linha { $line } parece um cabeçalho, e nenhuma das suas colunas se chama userPrincipalName ou id
config-list-several-users = a linha { $line } indica mais de um utilizador, e nenhum cabeçalho diz que coluna conta
config-list-open-quote = abrem-se aspas na linha { $line }, que abrangem as linhas seguintes
config-list-row = a linha não pode ser lida como CSV
config-expected-quotes = texto entre aspas
config-expected-key = a chave aqui; config.example.toml documenta todas as chaves
config-expected-path = um caminho entre plicas, como 'C:\temp\users.csv', ou com / no meio
config-expected-no-secret = segredos fora deste ficheiro: um segredo do cliente em SKUFERRY_CLIENT_SECRET e um token em SKUFERRY_ACCESS_TOKEN
config-expected-other-group = um grupo diferente do de origem
config-expected-other-product = um produto diferente do de origem
config-expected-client-id = uma chave client_id em [auth], com o ID de aplicação do seu registo de aplicação
config-expected-certificate = uma chave certificate em [auth], com o ficheiro PEM que contém o certificado e a sua chave privada
config-expected-list = um nome principal de utilizador ou ID de objeto por linha, ou CSV com uma coluna userPrincipalName ou id

## Advice of preflight: what to know before the first approval. Each names the Microsoft document that says so.

# $document is the title of a document of Microsoft, which is not translated.
advice-source = fonte: { $document }
view-plan-advice = conselhos
cli-check-advice = conselho, { $what }
advice-delayed-delicensing = { $count ->
    [one] não se sabe se uma caixa de correio sobrevive à sua licença: o Microsoft Graph não diz. Com a remoção de licenças diferida ativa (delayed delicensing), o Exchange Online mantém uma caixa de correio durante 30 dias depois de uma licença ser retirada por engano; sem ela, o correio é logo devolvido. No PowerShell do Exchange Online, Get-OrganizationConfig mostra DelayedDelicensingEnabled, e Set-OrganizationConfig -DelayedDelicensingEnabled:$true ativa-a, o que demora até 48 horas. A Microsoft só a oferece a inquilinos grandes; este tem { $count } licença com Exchange Online
   *[other] não se sabe se uma caixa de correio sobrevive à sua licença: o Microsoft Graph não diz. Com a remoção de licenças diferida ativa (delayed delicensing), o Exchange Online mantém uma caixa de correio durante 30 dias depois de uma licença ser retirada por engano; sem ela, o correio é logo devolvido. No PowerShell do Exchange Online, Get-OrganizationConfig mostra DelayedDelicensingEnabled, e Set-OrganizationConfig -DelayedDelicensingEnabled:$true ativa-a, o que demora até 48 horas. A Microsoft só a oferece a inquilinos grandes; este tem { $count } licenças com Exchange Online
}
# $seats is a number of seats, $count one of users.
advice-group-licensing-coverage = o próprio licenciamento baseado em grupos exige, para cada utilizador, Entra ID P1, ou Microsoft 365 Business Premium, ou Office 365 E3, A3, G3 ou superior. O inquilino tem { $seats ->
    [one] { $seats } licença
   *[other] { $seats } licenças
} desses produtos, e { $count ->
    [one] { $count } utilizador está na lista
   *[other] { $count } utilizadores estão na lista
}
advice-phone-numbers = { $count ->
    [one] { $count } utilizador tem Teams Phone ou um plano de chamadas. Não se sabe se tem um número atribuído; o centro de administração do Teams mostra-o em Voz, Números de telefone. Veja o número de novo depois da migração
   *[other] { $count } utilizadores têm Teams Phone ou um plano de chamadas. Não se sabe se têm números atribuídos; o centro de administração do Teams mostra-os em Voz, Números de telefone. Veja os números de novo depois da migração
}
# $lose is how many of $count users lose it.
advice-phone-numbers-lost = { $count ->
    [one] { $count } utilizador tem Teams Phone ou um plano de chamadas
   *[other] { $count } utilizadores têm Teams Phone ou um plano de chamadas
}, e { $lose ->
    [one] { $lose } tem-no só pelo grupo de origem, enquanto o grupo de destino não traz nenhum: um número atribuído deixa de tocar
   *[other] { $lose } têm-no só pelo grupo de origem, enquanto o grupo de destino não traz nenhum: os números atribuídos deixam de tocar
}. O centro de administração do Teams mostra os números em Voz, Números de telefone
advice-guests = { $count ->
    [one] { $count } conta da lista é de um convidado. Um convidado ocupa uma licença do destino como qualquer outro, e pode já estar licenciado na sua organização
   *[other] { $count } contas da lista são de convidados. Um convidado ocupa uma licença do destino como qualquer outro, e pode já estar licenciado na sua organização
}
advice-disabled-accounts = { $count ->
    [one] { $count } conta da lista está desativada. Migra como as outras e ocupa uma licença do destino, embora ninguém possa iniciar sessão com ela
   *[other] { $count } contas da lista estão desativadas. Migram como as outras e ocupam licenças do destino, embora ninguém possa iniciar sessão com elas
}
advice-deleted-accounts = { $count ->
    [one] { $count } conta da lista está eliminada e pode ser restaurada durante 30 dias. Não migra; depois de restaurada volta aos seus grupos, incluindo o de origem
   *[other] { $count } contas da lista estão eliminadas e podem ser restauradas durante 30 dias. Não migram; depois de restauradas voltam aos seus grupos, incluindo o de origem
}
advice-deleted-accounts-unknown = { $count ->
    [one] não se sabe se { $count } conta da lista que não foi encontrada está eliminada e pode ser restaurada: este início de sessão não pode ler utilizadores eliminados. O centro de administração do Entra mostra-os em Utilizadores, Utilizadores eliminados
   *[other] não se sabe se { $count } contas da lista que não foram encontradas estão eliminadas e podem ser restauradas: este início de sessão não pode ler utilizadores eliminados. O centro de administração do Entra mostra-os em Utilizadores, Utilizadores eliminados
}
# $nested are names of some of the $count groups, $more is how many are not named.
advice-nested-groups = { $count ->
    [one] um grupo é membro de "{ $group }", e o licenciamento não chega aos seus membros: { $nested }
   *[other] { $count } grupos são membros de "{ $group }", e o licenciamento não chega aos seus membros: { $nested }{ $more ->
        [0] {""}
       *[other] {" "}e mais { $more }
    }
}
advice-nested-groups-unknown = não se sabe se há grupos que são membros de "{ $group }": aqui não podem ser lidos. O licenciamento não chega aos membros desses grupos. O centro de administração do Entra mostra-os em Membros, no grupo
advice-target-subscription-ends = { $product }: { $caution }. Renove-a antes de os utilizadores dependerem dela
advice-target-subscription-unknown = não se sabe se uma subscrição de { $product } termina em breve: este início de sessão não pode ler subscrições (Organization.Read.All). O centro de administração do Microsoft 365 mostra-as em Faturação, Os seus produtos
advice-one-call-swap = em vez de migrar utilizadores, uma só chamada pode trocar a licença de "{ $group }" de { $old } para { $new } para todos os seus membros ao mesmo tempo (group: assignLicense com addLicenses e removeLicenses). Isso prescinde dos lotes e de um canário, da leitura de cada utilizador antes de a licença antiga sair, da contagem prévia das licenças e da reversão de utilizadores individuais
advice-source-delicensing = "Get Started with Delicensing Resiliency in Exchange Online" (Microsoft Learn)
advice-source-group-licensing = "What is group-based licensing in Microsoft Entra ID?" (Microsoft Learn)
advice-source-phone-numbers = "Manage phone numbers for users" (Microsoft Learn)
advice-source-guests = "Properties of a Microsoft Entra B2B collaboration user" (Microsoft Learn)
advice-source-disabled = "Step 6 - Remove and delete the Microsoft 365 license from a former employee" (Microsoft Learn)
advice-source-deleted = "Delete a user" (referência do Microsoft Graph)
advice-source-nested = "Scenarios, limitations, and known issues using groups to manage licensing in Microsoft Entra ID" (Microsoft Learn)
advice-source-subscription = "What happens to my data and access when my Microsoft 365 for business subscription ends?" (Microsoft Learn)
advice-source-swap = "Change license assignments for a user or group in Microsoft Entra ID" (Microsoft Learn)

## Screen: how the connection fares, on the right of the first line.

# $length is an age such as 12s.
screen-slow = lento, sem resposta { $length }
screen-slow-last-answer = lento, última resposta há { $length }
# $what is screen-limit-…, $until a time of day.
screen-throttled = { $what } limitadas até { $until }
# $throttled is screen-throttled.
screen-throttled-asked-again = { $throttled }, nova tentativa { $again }
screen-throttled-brief = limitado até { $until }
screen-slower = { $what } mais lentas até { $until }
screen-slower-brief = mais lento até { $until }
screen-limit-reads = leituras
screen-limit-writes = escritas
screen-limit-both = leituras e escritas
screen-limit-used = { $percent } % usado
screen-offline-since = sem ligação desde { $time }, { $length }
screen-offline = sem ligação { $length }
screen-no-good-answer-since = sem resposta boa desde { $time }, { $length }
# L is a key.
screen-token-ends = token até { $time } · L
## A rehearsal on a copy of the tenant

cli-rehearse-no-group = não existe o grupo { $end ->
    [source] de origem
   *[target] de destino
} "{ $group }"
cli-rehearse-no-product = o inquilino não tem o produto { $product } do grupo { $end ->
    [source] de origem
   *[target] de destino
}
cli-rehearse-nobody = nenhum dos utilizadores da lista foi encontrado
cli-rehearse-not-asked = não foi pedido
cli-rehearse-unread-tenant = Não lido: o nome, o domínio e o país do inquilino ({ $why })
cli-rehearse-unread-subscriptions = Não lido: as subscrições; por isso nenhuma delas aqui termina em breve ou é de avaliação
cli-rehearse-unread-group = Não lido: o grupo "{ $group }" ({ $why }); aqui tem o que os seus membros mostram
cli-rehearse-missing-group = Não encontrado: o grupo "{ $group }"; aqui tem o que os utilizadores ainda têm dele
cli-rehearse-unread-members = Não lido: quem está no grupo "{ $group }" ({ $why }); aqui é quem tem uma licença dele
cli-rehearse-unread-user = Não lido: o utilizador { $user } ({ $why }); a cópia não tem este utilizador
cli-rehearse-unsaid-word = Não copiado: a palavra { $word } do Microsoft Graph, que o simulador não tem ({ $count ->
    [one] { $count } vez
   *[other] { $count } vezes
})
cli-rehearse-unsaid-product = Não copiado: o produto { $product }, que { $count ->
    [one] { $count } utilizador tem
   *[other] { $count } utilizadores têm
} e que não consta do inquilino
cli-rehearse-unsaid-license = Não copiado: um produto de { count-users } de que nenhum estado de atribuição de licença fala
cli-rehearse-unsaid-names = Não copiado: o nome de início de sessão de { count-users }, que o simulador não pode ter
cli-rehearse-file = Uma cópia de um inquilino, lida pelo skuferry { $version } em { $at }.
cli-rehearse-file-use = Para a servir: skuferry sim --tenant ESTE-FICHEIRO --write-config PASTA
cli-rehearse-file-names = Contém nomes de utilizadores e de grupos: mantenha-a tão privada como o inquilino.
cli-rehearse-file-anonymous = Nomes, nomes de início de sessão, IDs e domínios estão substituídos. Produtos, países, licenças e datas são os do inquilino.
cli-rehearse-file-latencies = O licenciamento baseado em grupos demora o mesmo que numa execução anterior, segundo { $count ->
    [one] { $count } escrita
   *[other] { $count } escritas
}.
cli-rehearse-file-limits = O Microsoft Graph não diz, por isso esta cópia não tem: que planos precisam de outros; países em que um produto não está disponível, a não ser que uma licença o mostre; endereços de correio já utilizados; utilizadores que o Graph recusaria adicionar.
cli-rehearse-written = { $count ->
    [one] a cópia de { $count } utilizador
   *[other] a cópia de { $count } utilizadores
} está escrita em { $path }
cli-rehearse-not-complete = terminou antes de a migração estar concluída
cli-rehearse-ended = ensaio da execução { $id }: { $state }; nada aconteceu no inquilino. O diário é { $path }
error-cli-there-already = já existe um ficheiro com este nome
error-cli-there-already-action = Indique outro ficheiro, ou acrescente --overwrite para substituir este.
error-cli-no-copy = uma cópia deste inquilino não serviria de nada
error-cli-no-copy-action = Corrija a configuração ou a lista de utilizadores; `skuferry check` diz mais.
## From anywhere: halt, watch, runs with their state

halt-command = por { $by }, com skuferry halt
halt-window-closed = a janela de escritas fechou antes de sair tudo o que estava aprovado
screen-from-journal = a partir do diário
notice-read-only-watches = este ecrã mostra o que o diário conta; skuferry halt faz parar a execução
cli-operator-at = { $person } em { $host }
cli-runs-state = ESTADO
cli-runs-progress = MIGRADOS
cli-halt-kept = parada: execução { $id }; nada mais é escrito
cli-halt-heard = a parar: a execução { $id } recebeu o pedido, e nada mais é escrito; o seu diário ainda não o tem
cli-halt-not-heard-here = skuferry halt não chega a esta execução: { $why }
cli-watch-halt = a observar; para parar a execução: { $command }
error-cli-halt-not-at-work = a execução { $id } não está a trabalhar, por isso nada foi parado
error-cli-halt-nothing-at-work = nenhuma execução está a trabalhar, por isso nada foi parado
error-cli-halt-why = nenhum skuferry desta máquina está a escrever
error-cli-halt-action = Veja em `skuferry runs` as execuções que há e em que ponto estão.
error-cli-halt-unheard = a execução { $id } está a trabalhar e não responde
error-cli-halt-unheard-action = Prima H no ecrã dela, ou termine o seu processo: ao retomar a execução, consulta-se o que estava previsto e não teve resposta.

## An unfinished run is offered first

cli-unfinished = a execução { $id } ({ $name }) não está concluída; última escrita { $at }
# The three words are typed as they stand here, in every language.
cli-unfinished-question = Enter ou resume continua-a, look abre-a só de leitura, new inicia outra execução:
error-cli-unfinished = há uma execução entre estes grupos que não está concluída
error-cli-unfinished-action = Continue-a com --resume { $id }, ou inicie outra com --new.

## Lines instead of a screen: run --plain

cli-plain-run = execução { $id } · { $name }
cli-plain-events-skipped = foram omitidos eventos aqui, porque chegaram mais depressa do que podiam ser apresentados; skuferry events tem-nos
cli-plain-gate-add = a aguardar aprovação: adicionar { $count }
cli-plain-gate-remove = a aguardar aprovação: remover { $count }
cli-plain-gate-of = { $gate } (lote { $batch })
cli-plain-about-add = {"  "}{ $batch }, para "{ $group }"
cli-plain-about-remove = {"  "}{ $batch }, de "{ $group }"
cli-plain-left-behind = {"  "}{ $count ->
    [one] { $count } fica para trás
   *[other] { $count } ficam para trás
}: { $users }
cli-plain-who = { $user } ({ $why })
cli-plain-not-read = ainda não lido
cli-plain-canary = {"  "}o canário vai primeiro: { $users }
cli-plain-answer = {"  "}resposta: { $answer }
cli-plain-add-of = adicionar { $count } (lote { $batch })
cli-plain-remove-of = remover { $count } (lote { $batch })
cli-plain-withdrawn = já não está à espera: { $gate }
cli-plain-stuck = retido: { $user }: { $why }
cli-plain-stuck-hold = { $count ->
    [one] { $count } utilizador está retido, e nada mais está à espera. Corrija a causa e responda poll, ou responda exclude USER
   *[other] { $count } utilizadores estão retidos, e nada mais está à espera. Corrija a causa e responda poll, ou responda exclude USER para cada um
}
cli-plain-no-such-gate = nada foi aprovado: "{ $answer }" não corresponde a nada que esteja à espera; à espera: { $waits }
cli-plain-nothing-waits = nada foi aprovado: "{ $answer }" não corresponde a nada, porque não há aprovações à espera
cli-plain-which-batch = nada foi aprovado: "{ $answer }" pode ser para outro lote; responda: { $answers }
cli-plain-has-changed = nada foi aprovado: o que está à espera mudou desde que foi anunciado
cli-plain-lines-lost = { $count ->
    [one] { $count } linha chegou depressa demais e não foi lida
   *[other] { $count } linhas chegaram depressa demais e não foram lidas
}
cli-plain-refused = não feito: { $why }
cli-plain-no = nada foi aprovado
cli-plain-halting = a parar: nada mais é escrito
cli-plain-not-halted = a execução não está parada
cli-plain-no-alarm = não há nenhum alarme à espera
cli-plain-no-such-user = ninguém nesta execução se chama { $user }
cli-plain-not-understood = não compreendido, e nada foi feito; respostas: approve add N, approve remove N, no, halt, lift halt, acknowledge alarm, exclude USER, poll, sign in, quit
cli-plain-signed-out = ninguém iniciou sessão, por isso nada é lido nem escrito
cli-plain-sign-in = para iniciar sessão: { $address } · código { $code }
cli-plain-end-of-input = a entrada terminou: nada mais é aprovado

## Change control: the reason of an approval, the window for writes, the pilot

help-mode-reason = No motivo de uma aprovação
key-reason = o motivo ou o número do pedido de uma aprovação
key-reason-type = texto, também H
key-reason-submit = de volta à aprovação; por si só não aprova nada
dialog-reason = motivo
dialog-reason-leaves = tudo é texto; `{ $key }` volta atrás
dialog-reason-none = `{ $key }` para dizer porquê, ou em que pedido
dialog-reason-is = motivo: { $reason } · `{ $key }` altera-o
refusal-outside-window = fora da janela de escritas: abre { $at }
config-value-window = duas horas do dia diferentes, como "22:00-05:00"
config-value-zone = o nome de um fuso horário, como "Europe/Lisbon"
config-wrong-no-command = não indica nenhum programa
config-expected-command = um programa e os seus argumentos entre aspas, como ["notify.sh"]
problem-pilot-not-ready = do piloto, { $ready } de { $named } prontos e na lista; não estão: { $others }
error-cli-pilot-empty = { $path } não indica ninguém
error-cli-pilot-empty-why = pilot diz quem forma o lote 1
error-cli-pilot-empty-action = Indique utilizadores nele, ou omita pilot.

## Calls of the operator, and what happened meanwhile

notice-call-failed = o comando de [notify] falhou, e isto só se diz uma vez: { $why }
cli-notify-window-title = skuferry · { $told }
cli-notify-title = { $migrated } de { $count } migrados
cli-notify-too-long = demorou mais de 10 segundos e foi terminado
dialog-away-title = Enquanto esteve ausente
dialog-away-title-resumed = Onde esta execução ficou
dialog-away-since = desde { $at }, durante { $length }
dialog-away-resumed = última escrita { $at }, há { $length }; o que então estava aprovado é pedido de novo
dialog-away-now = agora
dialog-away-earlier = { $count ->
    [one] { $count } anterior, nos eventos (3)
   *[other] { $count } anteriores, nos eventos (3)
}
dialog-away-others = { $count ->
    [one] e mais { $count } evento
   *[other] e mais { $count } eventos
}

## The journal, its lock and the files beside it

error-journal-read = não é possível ler { $path }
error-journal-create = não é possível criar { $path }
error-journal-write = não é possível escrever { $path }
error-journal-make-folder = não é possível criar a pasta { $path }
error-journal-write-folder = não é possível escrever na pasta { $path }
error-journal-cut-torn-end = não é possível cortar o fim incompleto de { $path }
error-journal-start-thread = não é possível iniciar a tarefa que escreve { $path }
error-journal-lost = { $path } já não é escrito
error-journal-encode = não é possível escrever um evento em { $path }
error-journal-poisoned = { $path } já não é escrito, porque uma escrita anterior falhou
error-journal-damaged = { $path }, a linha { $line } está danificada: { $why }
error-journal-newer = { $path }, a linha { $line } foi escrita por uma versão mais recente do skuferry (formato { $version })
error-journal-action-no-run = Veja em `skuferry runs` as execuções que há.
error-journal-action-exists = Retome essa execução em vez de a iniciar de novo.
error-journal-action-write = Confirme que a pasta de dados permite escrita e que o disco não está cheio, e retome a execução.
error-journal-action-lost = Confirme que nenhum outro skuferry está a trabalhar entre estes grupos, e retome a execução.
error-journal-action-encode = Comunique este problema: nenhum evento deveria ser impossível de escrever.
error-journal-action-damaged = Restaure o ficheiro a partir de uma cópia de segurança, ou comece uma execução nova: a verificação prévia volta a consultar o inquilino.
error-journal-action-newer = Use essa versão do skuferry, ou uma posterior.
error-damage-no-checksum = não começa com uma soma de verificação
error-damage-other-checksum = a soma de verificação não corresponde ao texto
error-damage-no-record = não é um registo
error-damage-out-of-order = o seu número não segue o anterior
error-damage-unknown-event = tem um evento que não é conhecido
error-damage-no-start = não começa com o início de uma execução
error-lock-held = há outra execução em curso entre estes dois grupos (bloqueio { $path })
error-lock-held-by = há outra execução em curso entre estes dois grupos, no processo { $process } (bloqueio { $path })
error-lock = não é possível bloquear { $path }
error-folder = { $path }: { $why }
error-folder-is-link = a pasta é uma ligação simbólica
error-folder-is-none = não é uma pasta
error-folder-of-another-user = a pasta pertence a outro utilizador
error-folder-writable-by-others = outros podem escrever na pasta; retire-lhes isso com chmod go-w
error-file-not-regular = não é um ficheiro normal
error-file-of-another-user = pertence a outro utilizador
error-file-writable-by-others = outros podem escrever nele
error-file-removed = { $path } foi removido
error-file-replaced = { $path } foi substituído

## Single values of the configuration

config-wrong-no-key = não existe a chave { $key }
config-wrong-missing-key = falta uma chave: { $key }
config-wrong-key-twice = esta chave está aqui duas vezes
config-wrong-no-choice = não existe a opção { $choice }
# $value is the parser's description, such as: string "many".
config-wrong-other-kind = não é o tipo de valor certo: { $value }
config-wrong-bad-value = não é um valor válido: { $value }
config-wrong-address = { $given } não é um endereço que o skuferry possa usar: { $why }
config-address-scheme = não começa por https:// nem por http://
config-address-characters = tem um espaço ou um de \ ? # @
config-address-host = não é possível ler o anfitrião ou a porta
config-address-version = a versão é acrescentada pelo skuferry; omita-a
config-address-plain-http = http simples só é permitido para esta própria máquina (127.0.0.1, [::1] ou localhost)
config-value-text = texto entre aspas que não esteja vazio
config-value-tenant = o ID do inquilino ou um dos seus nomes de domínio, como "contoso.onmicrosoft.com"
config-value-group = o ID de objeto de um grupo, como "b82c04f0-ce30-4ff1-bac7-735d92d83036"
config-value-product = um número de referência como "STANDARDPACK", TENANT:PART_NUMBER, ou um skuId
config-value-address = um endereço como "https://graph.microsoft.com"
config-value-whole = um número inteiro de { $least } a { $most }
config-value-length = uma duração de { $shortest } a { $longest }, como "30s", "2m" ou "1h 30m"

## Products and plans in Microsoft Graph's sentences

word-and-more = { $named } e mais { $left }
word-plan-of-products = { $plan } de { $products }

## Why Microsoft Entra refuses a sign-in, and what to do

error-entra-policy = uma política de acesso condicional do inquilino bloqueia este início de sessão
error-entra-device = uma política de acesso condicional do inquilino exige um dispositivo gerido por ele, ou em conformidade
error-entra-consent = ainda ninguém deu consentimento às permissões da aplicação
error-entra-no-tenant = o Microsoft Entra não encontra esse inquilino nesta cloud
error-entra-other-tenant = a conta não é deste inquilino
error-entra-public-client = o registo de aplicação não deixa iniciar sessão: os fluxos de clientes públicos estão desativados
error-entra-redirect = o registo de aplicação não indica o endereço http://localhost para o regresso
error-entra-no-application = o inquilino não conhece nenhuma aplicação com este client_id
error-entra-secret-expired = o segredo do cliente expirou
error-entra-secret-wrong = o segredo do cliente está errado
error-entra-certificate = o certificado não é do registo de aplicação, ou não assinou este pedido
error-entra-clock = o relógio desta máquina e o da Microsoft diferem demasiado para um início de sessão com certificado
error-entra-mfa = a conta tem de dar outra prova, como na autenticação multifator
error-entra-ended = o início de sessão terminou, ou foi revogado
error-entra-account = a conta não pode iniciar sessão: está bloqueada ou desativada, ou a palavra-passe está errada ou expirou
error-entra-not-assigned = a aplicação é só para quem a tem atribuída, e a conta não a tem
error-entra-declined = o início de sessão foi recusado
error-entra-code-expired = ninguém introduziu o código a tempo
error-entra-action-policy = Veja no registo de inícios de sessão do Entra (separador Acesso Condicional) o nome da política. Muitos inquilinos bloqueiam o fluxo de código de dispositivo (a política "Block device code flow"): use method = "browser" nesta máquina, "azure-cli", ou uma aplicação com "client-certificate"; ou peça que a política exclua esta conta ou este local.
error-entra-action-device = Inicie sessão num dispositivo gerido com method = "browser", ou use "azure-cli" nele, ou uma aplicação com "client-certificate"; ou peça que a política exclua esta conta.
error-entra-action-consent = Peça a um Administrador de Função com Privilégios ou a um Administrador de Aplicações na Cloud que abra o registo de aplicação, Permissões de API, e escolha "Conceder consentimento do administrador".
error-entra-action-no-tenant = Verifique id e cloud em [tenant]: um inquilino de outra cloud não se encontra aqui.
error-entra-action-other-tenant = Inicie sessão com uma conta do inquilino em [tenant], ou corrija o id aí.
error-entra-action-public-client = No registo de aplicação, Autenticação: ponha "Permitir fluxos de clientes públicos" em Sim, ou use "client-secret" ou "client-certificate".
error-entra-action-redirect = No registo de aplicação, Autenticação: adicione a plataforma "Aplicações móveis e de ambiente de trabalho" com o URI de redirecionamento http://localhost.
error-entra-action-no-application = Verifique client_id e id na configuração: o registo tem de estar neste inquilino.
error-entra-action-secret-expired = No registo de aplicação, Certificados e segredos: crie um novo segredo do cliente e defina SKUFERRY_CLIENT_SECRET com o seu valor.
error-entra-action-secret-wrong = Defina SKUFERRY_CLIENT_SECRET com o Valor do segredo, não com o ID do Segredo; o Entra só mostra o valor uma vez, quando é criado.
error-entra-action-certificate = Carregue o certificado (sem a chave) para o registo de aplicação, Certificados e segredos, e indique o mesmo em [auth].
error-entra-action-clock = Acerte o relógio desta máquina, com o fuso horário, e tente de novo.
error-entra-action-mfa = Inicie sessão com method = "browser", onde a outra prova pode ser pedida; az precisa de um novo `az login`.
error-entra-action-ended = Inicie sessão de novo: L no ecrã, `az login` para azure-cli.
error-entra-action-account = Peça que desbloqueiem a conta ou definam a palavra-passe, ou inicie sessão com outra.
error-entra-action-not-assigned = No Entra, Aplicações empresariais, Utilizadores e grupos: atribua a conta à aplicação.
error-entra-action-declined = Inicie sessão de novo e aceite.
error-entra-action-code-expired = Inicie sessão de novo e introduza o código a tempo.

## Why a sign-in did not work

error-sign-in-nobody = ninguém iniciou sessão
error-sign-in-token-ended = o token de acesso expirou, e um que vem de SKUFERRY_ACCESS_TOKEN não pode ser renovado: saia, defina um novo e retome a execução
error-sign-in-other-account = agora tem sessão iniciada { $now }, e esta sessão começou como { $first }: inicie de novo sessão como { $first }, ou saia e comece outra
error-sign-in-no-port = não é possível escutar o browser em nenhuma porta desta máquina: { $why }
error-sign-in-nobody-in-time = ninguém iniciou sessão em quinze minutos
error-sign-in-no-browser = o browser não regressou
error-sign-in-no-randomness = o sistema não tem aleatoriedade para assinar
# $cause is one of error-entra; $said is what Microsoft Entra says.
error-sign-in-cause = { $cause }. { $said }
error-sign-in-clock-ahead = { $cause }: esta máquina está { $length } adiantada
error-sign-in-clock-behind = { $cause }: esta máquina está { $length } atrasada
error-azure-cli-not-installed = a CLI do Azure (az) não está instalada, ou não está em PATH; instale-a e execute `az login`, ou inicie sessão com method = "browser"
error-azure-cli-not-run = não é possível executar a CLI do Azure (az): { $why }
error-azure-cli-no-answer = a CLI do Azure (az) não respondeu durante dois minutos
error-azure-cli-no-token = a CLI do Azure (az) apresentou algo que não é um token; execute-a à mão para ver o quê
error-azure-cli-refused = { $cause } (CLI do Azure; inicie sessão nela com `az login --tenant { $tenant }`). { $said }
error-azure-cli-nobody = ninguém iniciou sessão na CLI do Azure para este inquilino: execute `az login --tenant { $tenant } --allow-no-subscriptions`. az disse: { $said }
error-azure-cli-told = a CLI do Azure (az) não deu nenhum token: { $said }
error-certificate = não é possível usar o ficheiro do certificado: { $why }
error-certificate-not-pem = não é PEM. A partir de um ficheiro PFX: openssl pkcs12 -in FILE.pfx -nodes -out skuferry.pem
error-certificate-encrypted = a chave está cifrada. Para a decifrar: openssl pkey -in FILE.pem -out key.pem
error-certificate-none = não contém nenhum certificado (-----BEGIN CERTIFICATE-----)
error-certificate-no-key = não contém nenhuma chave privada (-----BEGIN PRIVATE KEY-----)
error-certificate-not-rsa = a chave não é RSA, e o Microsoft Entra só aceita RSA
error-certificate-key-length = a chave não é RSA de 2048 a 4096 bits
error-certificate-does-not-sign = a chave não assina
error-certificate-not-together = o certificado e a chave não correspondem
error-no-authority = o ficheiro de autoridades de certificação não contém nenhum certificado (-----BEGIN CERTIFICATE-----)
error-authorities-not-pem = não é possível ler o ficheiro de autoridades de certificação: tem de ser PEM

## The page to which the browser comes back. They stand in HTML as they are

word-signed-in = Sessão iniciada
word-not-signed-in = Sessão não iniciada
view-landing-signed-in = Iniciou sessão para o skuferry. Pode fechar esta página e voltar ao terminal.
view-landing-refused = O início de sessão foi recusado. O terminal diz porquê. Pode fechar esta página.
view-landing-not-ours = Esta não é a resposta por que o skuferry espera. Nenhuma sessão foi iniciada. Comece de novo a partir do terminal.
view-landing-no-code = Esta resposta não traz nenhum código. Comece de novo a partir do terminal.

## The set-up: its pages

setup-title-offer = ainda sem configuração
setup-title-sign-in = iniciar sessão
setup-title-source = o grupo de onde os utilizadores saem
setup-title-source-product = a licença que os utilizadores deixam
setup-title-target = o grupo para onde os utilizadores vão
setup-title-target-product = a licença que os utilizadores recebem
setup-title-users = os utilizadores que migram
setup-title-summary = o que diz a verificação prévia
setup-title-place = escrever a configuração
setup-title-written = pronto
setup-step = passo { $number } de { $all }
setup-offer-why = O skuferry precisa de uma configuração: que inquilino, de que grupo licenciado para qual, e quem migra. Ainda não há nenhuma.
setup-offer-demo = Ver a demonstração
setup-offer-demo-text = Um inquilino simulado nesta máquina. Sem conta, sem rede, nada para configurar.
setup-offer-set-up = Configurar uma migração
setup-offer-set-up-text = Inicie sessão, escolha dois grupos e os utilizadores, e veja o que diz a verificação prévia. Só lê, e escreve um ficheiro nesta máquina.
setup-offer-quit = Sair
setup-place-text = A configuração vai para este ficheiro. Pode alterá-la mais tarde em qualquer editor.
setup-place-private = Não contém nenhum segredo, e só a sua conta a pode ler. Um ficheiro que já exista não é substituído sem perguntar.
setup-written = Escrito: { $path }
setup-written-next = Enter abre o skuferry com esta configuração. Ele volta a ler, mostra o que encontrou e pergunta antes de escrever seja o que for no inquilino.

## The set-up: fields

setup-field-method = Sessão por
setup-field-tenant = Inquilino
setup-field-cloud = Cloud
setup-field-graph-url = Endereço do Graph
setup-field-login-url = Endereço da sessão
setup-field-client-id = ID da aplicação
setup-field-certificate = Certificado
setup-field-ca-file = Ficheiro da CA
setup-field-search = Procurar
setup-field-place = Ficheiro
setup-field-answer = Resposta
setup-field-file = Ficheiro
setup-field-user = Utilizador
setup-cloud-own = outros endereços
# Below the field that has the keys.
setup-help-browser = A sessão inicia-se numa página do browser desta máquina. Precisa de um registo de aplicação com o URI de redirecionamento http://localhost.
setup-help-device-code = Introduz-se um código em qualquer browser, como por ssh. Muitos inquilinos bloqueiam-no por política. Precisa de um registo de aplicação que permita fluxos de clientes públicos.
setup-help-client-certificate = Uma aplicação inicia sessão com um certificado. Precisa de um registo de aplicação com o certificado, e de um ficheiro PEM com o certificado e a sua chave.
setup-help-client-secret = Uma aplicação inicia sessão com um segredo, que vem da variável de ambiente SKUFERRY_CLIENT_SECRET e nunca fica escrito.
setup-help-azure-cli = Quem executou `az login` nesta máquina. Sem registo de aplicação.
setup-help-access-token = Um token que traz consigo, na variável de ambiente SKUFERRY_ACCESS_TOKEN. Não pode ser renovado, e nunca fica escrito.
setup-help-tenant = O ID do inquilino, ou um dos seus nomes de domínio, como contoso.onmicrosoft.com.
setup-help-cloud = Em qual das clouds da Microsoft está o inquilino. Os outros endereços são para um inquilino simulado.
setup-help-address = Como http://127.0.0.1:8080, sem /v1.0. Http simples só vai para esta máquina.
setup-help-client-id = O ID da aplicação (cliente), na página de descrição geral do seu registo de aplicação. O README explica o registo passo a passo.
setup-help-certificate = O ficheiro PEM com o certificado e a sua chave RSA. Não deixe mais ninguém lê-lo.
setup-help-ca-file = Só se um proxy abrir o TLS: um ficheiro PEM com a sua autoridade de certificação. Senão, deixe vazio.
setup-need-tenant = É preciso o inquilino: o seu ID, ou um dos seus nomes de domínio.
setup-need-address = É preciso o endereço.
setup-need-client-id = Esta forma de iniciar sessão precisa do ID da aplicação.
setup-need-certificate = Esta forma de iniciar sessão precisa do ficheiro do certificado.
setup-need-group = Nenhum grupo está selecionado.
setup-need-other-group = Este é o grupo de onde os utilizadores saem. Escolha outro.
setup-need-other-product = Este grupo não atribui nenhuma licença além da que os utilizadores deixam. Escolha outro grupo.
setup-need-file = É preciso o caminho de um ficheiro.
setup-need-user = Indique pelo menos um utilizador, por nome principal de utilizador ou ID de objeto.
setup-need-user-name = { $given } não é um nome principal de utilizador nem um ID de objeto.
setup-need-place = É preciso o caminho de um ficheiro.
setup-trouble-value = Um valor não pode ser usado.
setup-expected = Esperava-se: { $expected }.

## The set-up: the lists of groups and products

setup-source-text = Que grupo atribui a licença que os utilizadores têm?
setup-target-text = Que grupo atribui a licença que os utilizadores devem receber?
setup-groups-none = Nenhum grupo deste inquilino atribui uma licença. Atribua uma no centro de administração do Microsoft 365, e prima p.
setup-groups-not-found = Nenhum grupo tem isto no nome, nos produtos ou no ID.
setup-column-group = GRUPO
setup-column-products = PRODUTOS
setup-column-members = MEMBROS
setup-column-managed = GERIDO
setup-column-errors = ERROS
setup-group-errors = erros
setup-group-unknown = ?
setup-group-is-source = Este é o grupo de onde os utilizadores saem.
setup-fact-id = id
setup-fact-products = produtos
setup-fact-kind = tipo
setup-fact-rule = regra
setup-fact-errors = erros
setup-errors-some = o licenciamento falhou para pelo menos um membro
setup-errors-none = nenhum
setup-errors-unknown = o inquilino não diz
setup-product = { $free ->
    [one] { $name } ({ $part }), { $free } licença disponível
   *[other] { $name } ({ $part }), { $free } licenças disponíveis
}
setup-product-not-subscribed = { $name }, sem subscrição
setup-product-text = "{ $group }" atribui vários produtos. Todos migram com ele; de qual trata a migração?
# Who changes the members of a group, in a narrow column and in a sentence.
setup-managed-members = à mão
setup-managed-rule = por uma regra
setup-managed-on-premises = no local
setup-managed-exchange = Exchange
setup-managed-roles = adm. de funções
setup-managed-restricted = restrito
setup-manager-members = os membros mudam-se à mão, por isso o skuferry pode fazê-lo
setup-manager-rule = uma regra decide quem é membro, por isso são outras pessoas a mover os utilizadores, por listas de trabalho
setup-manager-on-premises = os membros vêm do local, por isso são outras pessoas a mover os utilizadores, por listas de trabalho
setup-manager-exchange = os membros mudam-se no Exchange, por isso o skuferry não pode fazê-lo
setup-manager-roles = pode ter funções atribuídas, por isso só administradores de funções mudam os membros
setup-manager-restricted = está protegido por uma unidade administrativa restrita
setup-kind-security = grupo de segurança
setup-kind-microsoft-365 = grupo do Microsoft 365
setup-kind-mail-security = grupo de segurança com correio ativado
setup-kind-distribution = lista de distribuição
setup-kind-and-manager = { $kind }; { $manager }

## The set-up: the users

setup-users-source-group = Todos os membros do grupo
setup-users-file = Um ficheiro
setup-users-file-text = Um nome principal de utilizador ou ID de objeto por linha, ou CSV com uma coluna userPrincipalName ou id.
setup-users-pilot = Uma lista-piloto
setup-users-pilot-text = Alguns utilizadores para começar. Escreva-os ou cole-os; Enter aceita um, e Enter sem nome continua. Ficam escritos em pilot.csv, ao lado da configuração.
setup-users-members = { $count ->
    [one] "{ $group }" tem { $count } membro.
   *[other] "{ $group }" tem { $count } membros.
} Quem entrar antes de a execução começar também fica na lista.
setup-users-members-unknown = Todos os que estiverem em "{ $group }" quando a execução começar.
setup-users-named = { $count ->
    [0] Ainda ninguém está indicado.
    [one] { $count } utilizador está indicado:
   *[other] { $count } utilizadores estão indicados:
}

## The set-up: what preflight says

setup-fact-source = de
setup-fact-target = para
setup-fact-scenario = cenário
setup-fact-seats = licenças
setup-fact-users = utilizadores
setup-end = { $sku } de "{ $group }"
# $why is setup-pairs or setup-pairs-none.
setup-scenario = { $scenario }: { $why }
setup-pairs = estes planos excluem-se
setup-pairs-none = não se conhecem planos que se excluam, por isso as duas licenças podem coexistir
setup-seats = { $free ->
    [one] { $name }: { $free } licença disponível, { $needed ->
        [one] { $needed } necessária
       *[other] { $needed } necessárias
    }
   *[other] { $name }: { $free } licenças disponíveis, { $needed ->
        [one] { $needed } necessária
       *[other] { $needed } necessárias
    }
}
setup-ready = { $ready ->
    [one] { $ready } pronto
   *[other] { $ready } prontos
}, { $blocked ->
    [one] { $blocked } bloqueado
   *[other] { $blocked } bloqueados
}
setup-reads-only = A este início de sessão falta a permissão { $permission }, por isso uma execução só pode ver. `skuferry whoami` diz onde a conceder.
setup-blocks = Isto impede a migração, e ninguém migra antes de ser corrigido:
setup-blocked-users = Estes utilizadores estão bloqueados e ficam onde estão:
setup-blocked-reason = { $count ->
    [one] { $code }, { $count } utilizador: { $user }: { $why }
   *[other] { $code }, { $count } utilizadores, o primeiro é { $user }: { $why }
}
setup-warnings = Isto são avisos, e não impedem ninguém:
setup-summary-next = Até agora nada foi escrito. Enter segue para onde a configuração é escrita.
setup-summary-next-blocked = Até agora nada foi escrito. Enter segue na mesma: a configuração pode ser escrita agora e o resto corrigido mais tarde.

## The set-up: questions, and what is under way

setup-question-host = { $key } leva a { $host }, que não é nenhuma cloud da Microsoft nem esta máquina. Receberia { $secret }. A pergunta é feita uma vez.
setup-question-replace = { $count ->
    [one] Este ficheiro já existe, e seria substituído:
   *[other] Estes ficheiros já existem, e seriam substituídos:
}
setup-question-type = Para continuar, escreva { $expected } e prima Enter. Qualquer outra coisa deixa tudo como está.
setup-busy-signing-in = A iniciar sessão e a ler os grupos que atribuem licenças …
setup-busy-reading = A ler os grupos que atribuem licenças …
setup-busy-checking = A verificar cada utilizador, os dois grupos e todos os produtos. Nada é escrito …
setup-busy-writing = A escrever o ficheiro …
setup-note-left-as-is = Tudo ficou como estava.
setup-note-given-up = Cancelado. Tudo o que foi introduzido continua aqui.
setup-note-first-page = Esta é a primeira página. Ctrl-C sai da configuração.
setup-note-passed-over = { $count ->
    [one] { $count } linha não indica nenhum utilizador e ficou de fora.
   *[other] { $count } linhas não indicam nenhum utilizador e ficaram de fora.
}

## The set-up: keys in the footer, and the head of the file

setup-key-leave = sair
setup-key-choose = escolher
setup-key-up = cima
setup-key-down = baixo
setup-key-back = voltar
setup-key-search = procurar
setup-key-read-again = ler de novo
setup-key-keep = manter
setup-key-show-all = mostrar tudo
setup-key-next = seguir
setup-key-change = alterar
setup-key-field = campo seguinte
setup-key-clear = limpar
setup-key-write = escrever
setup-key-answer = responder
setup-key-leave-as-is = deixar como está
setup-key-scroll = deslocar
setup-key-check-again = verificar de novo
setup-key-cancel = cancelar
setup-key-open = abrir o terminal
setup-key-end = terminar
setup-file-head =
    Escrito por `skuferry setup`. Altere-o em qualquer editor; uma chave desconhecida é recusada, com a sua linha.
    As chaves depois de um # estão nos valores predefinidos, ou não se usam. Os caminhos são relativos à pasta deste ficheiro.
    Os segredos nunca ficam aqui: veja [auth].

## The set-up: what the command line says

cli-setup-left = A configuração foi abandonada, e nada foi escrito.
cli-setup-written = escrito: { $path }
cli-setup-next = verifique com: { $check }; abra o terminal com: { $run }
error-cli-setup-no-terminal = a configuração precisa de um terminal
error-cli-setup-no-terminal-why = a entrada padrão ou a saída padrão não é um terminal, e a configuração faz perguntas
error-cli-setup-no-terminal-action = Execute `skuferry setup` num terminal, ou copie config.example.toml para config.toml, altere o que for seu, e experimente com `skuferry check --config config.toml`.
error-cli-setup-exists = { $path } foi lá posto entretanto
## The operator's screen: what needs you, problems, marks, filters, batches side by side

screen-needs-you = À SUA ESPERA { $age } · { $what }
screen-press-next = n seguinte
screen-nothing-needs-you = nada precisa de si neste momento
screen-strip-asks = pergunta
screen-strip-more = e mais { $count }
screen-marked = { $count ->
    [0] ninguém está marcado
    [one] 1 utilizador marcado: x, r, R e d são para ele
   *[other] { $count } utilizadores marcados: x, r, R e d são para eles
}
screen-mark-range = aqui começa um intervalo: v outra vez marca todos até lá
screen-mark-where = os utilizadores marcam-se nas vistas de utilizadores (1), lotes (2) e problemas (5)
screen-one-batch-at-least = pelo menos um lote pode estar em curso
screen-batches-under-way = { $count ->
    [one] a partir de agora pode estar em curso 1 lote; o que já começou continua
   *[other] a partir de agora podem estar em curso { $count } lotes; o que já começou continua
}
wait-stay-behind = { $count ->
    [one] 1 fica para trás
   *[other] { $count } ficam para trás
}
key-next = ir para o que precisa de si a seguir: alarme, paragem, utilizadores retidos, aprovação
key-filter-back = o filtro anterior
key-sort-turn = inverter a ordem
key-whole = toda a execução, ou um lote
key-mark = marcar o utilizador, o lote ou o problema, ou desmarcar
key-mark-range = marcar daqui até onde for premida de novo
key-mark-all = marcar todos os que se veem, ou nenhum
key-fewer-batches = um lote a menos pode estar em curso
key-more-batches = um lote a mais pode estar em curso
key-view-problems = problemas
key-hint-next = seguinte
key-hint-mark = marcar
dialog-stay-behind = { $count ->
    [one] 1 utilizador fica para trás, mantém a licença antiga, e volta a ser proposto quando for seguro
   *[other] { $count } utilizadores ficam para trás, mantêm a licença antiga, e voltam a ser propostos quando for seguro
}
dialog-stays-behind = { $user }: { $why }
dialog-stay-behind-more = e mais { $count }
dialog-exclude-all-title = Excluir utilizadores
dialog-exclude-all = { $count ->
    [one] Excluir 1 utilizador do lote?
   *[other] Excluir { $count } utilizadores dos seus lotes?
}
dialog-exclude-all-stays = Cada um mantém as licenças e fica nos grupos em que está agora.
dialog-exclude-all-then = Os lotes continuam com os restantes: deixam de esperar por estes utilizadores, e nada mais é escrito para eles nesta execução, a não ser que R os reverta.
dialog-exclude-all-left-out = { $count ->
    [one] mais 1 não pode ser excluído agora
   *[other] mais { $count } não podem ser excluídos agora
}
problem-kind-unlicensed = SEM LICENÇA
problem-kind-stuck = retido
problem-kind-lost-part = perdeu uma parte
problem-kind-missing = eliminado
problem-kind-stays = licença antiga fica
problem-kind-failed = escrita falhou
problem-kind-unknown = desconhecido
problem-kind-not-proven = não é seguro
problem-kind-late = atrasado
problem-kind-went-back = recuou
problem-kind-blocked = bloqueado
problem-kind-excluded = excluído
problem-unlicensed = nem a licença antiga nem a nova está ativa
problem-missing = já não se encontra no inquilino
problem-unknown = o resultado de uma escrita ainda não é conhecido; o inquilino está a ser consultado
problem-late = o licenciamento não age há mais tempo do que a execução permite
problem-went-back = uma leitura posterior mostrou-os mais atrás
problem-excluded = excluídos dos seus lotes pelo operador
problem-blocked-various = verificação prévia: { $code }
view-problems-title = { $count ->
    [0] Problemas · ninguém
    [one] Problemas · 1 utilizador · 1 causa
   *[other] Problemas · { $count } utilizadores · { $causes ->
        [one] 1 causa
       *[other] { $causes } causas
    }
}
view-problems-none = Ninguém está retido, atrasado, bloqueado ou excluído.
view-problem = { $count ->
    [one] 1 utilizador · { $kind }
   *[other] { $count } utilizadores · { $kind }
}
view-problem-common = em comum
view-problem-common-nothing = nada que os utilizadores sem problemas não tenham
view-problem-country = país { $country }
view-problem-domain = domínio { $domain }
view-problem-product = também { $product }
view-problem-group = grupo "{ $group }"
view-problem-shared = { $count ->
    [one] { $what }: { $have } de { $all } aqui, { $healthy } de 1 utilizador sem problemas
   *[other] { $what }: { $have } de { $all } aqui, { $healthy } de { $count } utilizadores sem problemas
}
view-problem-opens = Enter mostra-os
view-problem-who = quem
view-column-kind = TIPO
view-column-cause = CAUSA / AÇÃO
view-column-since = DESDE
view-cause-late = atrasado
view-filter-ready = prontos
view-filter-excluded = excluídos
view-sort-batch = por lote
view-sort-turned = { $sort }, ao contrário
view-users-of-cause = com esta causa
view-users-whole = toda a execução
view-users-marked = { $count ->
    [one] { $count } marcado
   *[other] { $count } marcados
}
view-users-nobody-ready = Ninguém está pronto.
view-users-nobody-excluded = Ninguém está excluído.
view-batches-most = no máximo { $count } em curso

## The palette, the help of a view, the mouse and the tour of the demo

key-palette = todos os comandos com a sua tecla, para procurar por uma palavra
key-mouse = deixar o rato ao terminal, para que a seleção dele funcione, ou voltar a usá-lo
key-palette-type = uma palavra do comando, ou a sua tecla; aqui nenhuma letra é um comando a não ser H, que faz parar
key-palette-submit = fazer o que faz a tecla do comando selecionado
key-palette-no = fechar a lista de comandos
key-tour-next = a página seguinte
key-tour-back = a página anterior
key-tour-skip = sair da visita guiada
key-hint-palette = comandos
key-hint-palette-submit = executar
key-hint-tour-next = seguinte
key-hint-tour-skip = saltar
help-mode-palette = Na lista de comandos
help-mode-tour = Na visita guiada da demonstração
# $view is the name of a view.
help-here = Aqui, na vista "{ $view }"
help-everywhere = Em todas as vistas
dialog-palette-title = { $count ->
    [one] 1 comando
   *[other] { $count } comandos
}
dialog-palette-nothing = Nenhum comando tem isto.
# $why is a sentence or a part of one.
dialog-palette-off = indisponível: { $why }
dialog-palette-keys = `{ $enter }` faz o que a tecla faz · `{ $leave }` fecha · nenhum comando aprova por si só
dialog-palette-hint = encontra comandos
screen-nothing-to-open = aqui não há nada para abrir
screen-nothing-open = não há nada aberto de onde sair
screen-no-requests = nos últimos eventos, nenhum pedido falhado tem um ID
screen-copied-requests = { $count ->
    [one] copiado: 1 pedido falhado com o seu ID
   *[other] copiados: { $count } pedidos falhados com os seus ID
}
screen-mouse-on = o rato é usado aqui: a roda move, um clique seleciona · M deixa-o ao terminal
screen-mouse-off = o rato fica para o terminal: a seleção dele funciona · M volta a usá-lo aqui
screen-mouse-fault = não foi possível mudar o uso do rato: { $why }
dialog-tour-title = Uma breve visita guiada · página { $number } de { $all }
dialog-tour-demo = Isto é uma demonstração
dialog-tour-demo-text = O inquilino neste ecrã é simulado. Nada do que se passa aqui acontece a alguém, e nada sai desta máquina.
dialog-tour-demo-screen = Cada linha é um utilizador: quem é, em que situação está, o que o retém, e desde quando. Por cima das linhas estão as fases do lote, e até onde chegou.
dialog-tour-gate = Nada é escrito antes de ser aprovado
dialog-tour-gate-text = O que espera por uma resposta está na linha por baixo dos utilizadores. Começa por À SUA ESPERA e diz há quanto tempo espera.
dialog-tour-gate-next = A tecla `{ $key }` vai para o que precisa de si a seguir: um alarme, uma paragem, utilizadores retidos, uma aprovação.
dialog-tour-approve = Aprovações
dialog-tour-approve-text = A tecla `{ $key }` abre a aprovação que está à espera, que indica os utilizadores. Uma adição aprova-se com `y`.
dialog-tour-approve-number = Uma remoção aprova-se escrevendo o número de utilizadores mostrado, e depois `Enter`. Alguns utilizadores vão primeiro; os outros seguem-se quando esses estiverem migrados.
dialog-tour-approve-else = `Esc` deixa tudo como está. Nem texto colado nem o rato aprovam seja o que for.
dialog-tour-halt = É possível parar a qualquer momento
dialog-tour-halt-text = A tecla `{ $key }` faz parar as escritas de imediato, em qualquer sítio, também nesta página. Espera-se e regista-se a resposta ao que já foi enviado; nada mais é escrito.
# $key is the key for approvals.
dialog-tour-halt-after = Depois de uma paragem, a tecla `{ $key }` mostra quem está entre os dois grupos, e pergunta se as escritas podem continuar.
dialog-tour-find = Onde procurar
dialog-tour-find-problems = `{ $key }` mostra quem está retido, atrasado ou bloqueado, agrupado por causa, com o que ajuda.
dialog-tour-find-palette = `{ $key }` mostra todos os comandos com a sua tecla, e diz porque é que um está indisponível neste momento.
dialog-tour-find-help = `{ $key }` mostra as teclas da vista que está aberta.
dialog-tour-keys = `{ $next }` seguinte · `{ $skip }` salta a visita guiada
dialog-tour-keys-last = `{ $next }` começa
dialog-quit-in-phases = { $count ->
    [one] Sair? 1 lote está entre duas fases.
   *[other] Sair? { $count } lotes estão entre duas fases.
}

## How long licensing takes, and how long it still will

wait-left-unknown = ainda sem estimativa
wait-left-most = 95 % em { $length }
# The users who are not among the 95 %; the length is a time.
wait-left-slowest = { $count ->
    [one] o mais lento até { $length }
   *[other] os { $count } mais lentos até { $length }
}
wait-left-slowest-longer = { $count ->
    [one] o mais lento, mais do que qualquer um até agora
   *[other] os { $count } mais lentos, mais do que qualquer um até agora
}
wait-left-slowest-unknown = { $count ->
    [one] o mais lento ainda sem estimativa
   *[other] os { $count } mais lentos ainda sem estimativa
}
wait-left-longer = { $count ->
    [one] { $count } já demora mais do que qualquer um até agora
   *[other] { $count } já demoram mais do que qualquer um até agora
}
view-cause-slow = mais lento que 95 %
view-user-slow = Mais lento do que 95 % dos utilizadores desta execução: esses não esperaram mais do que { $length }.
view-column-exceptions = EXCEÇÕES
view-column-start = INÍCIO
view-column-elapsed = TEMPO
view-column-most = 95 %
view-batches-left = todos os lotes em curso: { $left }
view-latency-ready = da adição até pronto
view-latency-migrated = da remoção até migrado
view-latency-back-ready = reversão, da adição até pronto
view-latency-back-migrated = reversão, da remoção até revertido
view-latency-half = metade { $length }
view-latency-most = 95 % { $length }
view-latency-most-unknown = 95 % por apurar
view-latency-longest = máximo { $length }

## The list of users: a search that forgives, more orders, following, short words for a narrow screen

view-sort-state = por estado
view-sort-cause = por causa
view-sort-latest = última alteração primeiro
view-users-follows = a acompanhar
view-users-near = ninguém tem /{ $search }, estes são parecidos
key-follow = acompanhar quem mudou por último, ou deixar de acompanhar
screen-follows = A lista acompanha quem mudou por último. Qualquer tecla de movimento põe fim a isso.
screen-follows-no-more = A lista fica onde está.
view-tab-short-users = util.
view-tab-short-batches = lotes
view-tab-short-events = event.
view-tab-short-plan = plano
view-tab-short-problems = probl.

## How batches are that have not begun

phase-settings = tamanho { $size } · canário { $canary } · leitura a cada { $seconds } s
# $settings is phase-settings.
phase-settings-by = { $settings }, definido por { $by } às { $time }
event-batch-settings = { $by } definiu os lotes que não começaram: { $settings }
dialog-figures = Lotes que não começaram
dialog-figures-about = Um lote cuja primeira aprovação foi dada fica como está. Os outros são formados de novo e verificados outra vez antes de serem aprovados.
dialog-figures-now = definições
dialog-figures-size = tamanho
dialog-figures-canary = canário
dialog-figures-interval = intervalo (s)
dialog-figures-keys = { $set } define isto · { $next } campo seguinte · { $leave } deixa tudo como está
help-mode-figures = No formulário dos lotes
key-batch-settings = definir o tamanho, o canário e o intervalo dos lotes que não começaram
key-figures-type = um algarismo
key-next-field = o campo seguinte
key-figures-submit = definir isto
key-hint-set = definir
refusal-all-batches-begun = todos os lotes começaram, por isso não há nenhum para definir
refusal-size-after-rollback = os lotes ficam como estão, porque houve utilizadores revertidos
refusal-no-such-settings = um lote e um canário têm pelo menos 1 utilizador, e um intervalo vai de 1 a 1800 segundos

## How numbers and times are written

# Between thousands; nothing where they are not told apart on screen.
number-gap = {"\u00A0"}
number-gap-in-reports = {"\u00A0"}
# A number of fewer digits than this has no gap.
number-gap-from-digits = 5
number-decimal = ,
# Patterns of strftime.
time-clock = %H:%M:%S
time-minute = %H:%M
time-day = %d/%m/%Y
time-day-and-minute = %d/%m/%Y %H:%M
time-day-and-second = %d/%m/%Y %H:%M:%S

## Counts of standings, and names of keys that came later

# $standing is worded for one user, also where there are several of them.
standing-counted = { $count } × { $standing }
# What became of a user, and what was approved, in the report that people read.
report-outcome-unlicensed = sem licença
report-outcome-unknown = desconhecido
report-outcome-migrated = migrado
report-outcome-rolled-back = revertido
report-outcome-excluded = excluído
report-outcome-blocked = bloqueado
report-outcome-missing = eliminado
report-outcome-stuck = retido
report-outcome-under-way = em curso
report-outcome-not-begun = por começar
report-kind-add = adicionar
report-kind-remove = remover
report-kind-reprocess = reprocessar
report-kind-remove-direct = remover a licença direta
key-name-left = Esquerda
key-name-right = Direita

# Groups whose members others change, and the worklists for them.
halt-removed-early = alarme: { $count ->
    [one] outras pessoas removeram 1 utilizador antes de se provar que era seguro: { $users }
   *[other] outras pessoas removeram { $count } utilizadores antes de se provar que era seguro: { $users }
}
error-place-moved-by-others = a um grupo que é outra pessoa a alterar
error-place-worklist-not-in-force = a uma lista de trabalho que não está em vigor
error-write-listed = numa lista de trabalho
error-write-delisted = numa lista de trabalho que já não está em vigor
refusal-others-to-add = { $count ->
    [one] Outras pessoas ainda têm de adicionar 1 utilizador pela lista de trabalho; o ficheiro está na vista do plano.
   *[other] Outras pessoas ainda têm de adicionar { $count } utilizadores pela lista de trabalho; o ficheiro está na vista do plano.
}
refusal-others-to-remove = { $count ->
    [one] Outras pessoas ainda têm de remover 1 utilizador pela lista de trabalho; o ficheiro está na vista do plano.
   *[other] Outras pessoas ainda têm de remover { $count } utilizadores pela lista de trabalho; o ficheiro está na vista do plano.
}
refusal-on-worklist = { $user } está numa lista de trabalho que outras pessoas podem cumprir a qualquer momento. Pare primeiro.
notice-worklist-not-replaced = A lista de trabalho { $file } já não está em vigor, mas não foi possível substituir o ficheiro: elimine-o.
wait-again-worklist = de novo, porque a lista de trabalho { $number } já não está em vigor ({ $why }); outras pessoas ainda podem usar cópias
worklist-end-done = tudo visto como feito
worklist-end-stale = desatualizada, com mais de 15 minutos
worklist-end-not-safe = já não é seguro remover alguém que lá está
worklist-end-halted = retirada pela paragem
worklist-end-groups = há algo de errado com um grupo
worklist-end-unwatched = ninguém acompanhou a execução durante algum tempo
worklist-end-no-file = o ficheiro não foi escrito a tempo, ou desapareceu
worklist-to-add = Lista de trabalho { $number } · { $batch } · { $count ->
    [one] outras pessoas adicionam 1 utilizador a "{ $group }"
   *[other] outras pessoas adicionam { $count } utilizadores a "{ $group }"
}
worklist-to-remove = Lista de trabalho { $number } · { $batch } · { $count ->
    [one] outras pessoas removem 1 utilizador de "{ $group }"
   *[other] outras pessoas removem { $count } utilizadores de "{ $group }"
}
worklist-all-seen = tudo visto como feito
worklist-ended = Já não está em vigor: { $why }. Outras pessoas ainda podem usar cópias.
worklist-being-written = a ser escrita
worklist-good-for = { $count ->
    [one] escrita há { $minutes } min, válida por mais { $good } min, falta ver mudar 1 utilizador
   *[other] escrita há { $minutes } min, válida por mais { $good } min, falta ver mudar { $count } utilizadores
}
worklist-waits = { $count ->
    [one] escrita há { $minutes } min, falta ver mudar 1 utilizador
   *[other] escrita há { $minutes } min, falta ver mudar { $count } utilizadores
}
event-user-listed = na lista de trabalho { $number }, para ser { $done } por outras pessoas
event-user-delisted = a lista de trabalho { $number } já não está em vigor: { $why }
event-user-left = { $done } por outras pessoas, sem estar em nenhuma lista de trabalho
event-user-left-early = { $done } por outras pessoas antes de se provar que era seguro
event-worklist-issued = { $count ->
    [one] lista de trabalho { $number } para outras pessoas, 1 utilizador: { $file }
   *[other] lista de trabalho { $number } para outras pessoas, { $count } utilizadores: { $file }
}
event-worklist-written = a lista de trabalho { $number } está escrita; outras pessoas podem cumpri-la
event-worklist-done = a lista de trabalho { $number } está feita: viu-se mudar todos os que lá estão
event-worklist-ended = a lista de trabalho { $number } já não está em vigor ({ $why }); outras pessoas ainda podem usar cópias
event-removed-early = outras pessoas removeram { $who } de "{ $group }" antes de se provar que era seguro
event-removed-by-others = outras pessoas removeram { $who } de "{ $group }", fora de qualquer lista de trabalho
screen-doing-naming = a ler nomes para uma lista de trabalho
view-user-listed-add = Numa lista de trabalho: cabe a outras pessoas adicioná-lo.
view-user-listed-remove = Numa lista de trabalho: cabe a outras pessoas removê-lo, e podem fazê-lo a qualquer momento.
view-user-delisted = A sua lista de trabalho já não está em vigor. Outras pessoas ainda podem usar uma cópia.
view-user-removed-early = Outras pessoas removeram-no antes de se provar que era seguro.
view-cause-others = à espera de outros
view-cause-others-may = outros ainda podem agir
view-cause-removed-early = removido cedo por outros
view-plan-worklists = Listas de trabalho para outras pessoas
view-plan-moved-by-others = movidos por outras pessoas
report-told-list-add = { $count ->
    [one] lista de trabalho { $number } para outras pessoas adicionarem 1 utilizador: { $file }
   *[other] lista de trabalho { $number } para outras pessoas adicionarem { $count } utilizadores: { $file }
}
report-told-list-remove = { $count ->
    [one] lista de trabalho { $number } para outras pessoas removerem 1 utilizador: { $file }
   *[other] lista de trabalho { $number } para outras pessoas removerem { $count } utilizadores: { $file }
}
report-told-list-written = a lista de trabalho { $number } foi escrita
report-told-list-ended = a lista de trabalho { $number } deixou de estar em vigor: { $why }
report-told-removed-early = { $count ->
    [one] outras pessoas removeram 1 utilizador antes de se provar que era seguro
   *[other] outras pessoas removeram { $count } utilizadores antes de se provar que era seguro
}
report-told-removed-by-others = { $count ->
    [one] outras pessoas removeram 1 utilizador, fora de qualquer lista de trabalho
   *[other] outras pessoas removeram { $count } utilizadores, fora de qualquer lista de trabalho
}
cli-status-worklist = { $asked } · { $stands } · { $file }
cli-plain-list-add = {"  "}uma lista de trabalho para outras pessoas adicionarem ao grupo "{ $group }" os utilizadores ({ $batch })
cli-plain-list-remove = {"  "}uma lista de trabalho para outras pessoas removerem do grupo "{ $group }" os utilizadores ({ $batch })
dialog-by-others = outros
dialog-list-add = { $count ->
    [one] Escrever uma lista de trabalho para outras pessoas adicionarem 1 utilizador a "{ $group }"?
   *[other] Escrever uma lista de trabalho para outras pessoas adicionarem { $count } utilizadores a "{ $group }"?
}
dialog-list-add-how = O skuferry não escreve nada neste grupo. Cada utilizador conta como adicionado quando for lido no grupo.
dialog-list-remove = { $count ->
    [one] Escrever uma lista de trabalho para outras pessoas removerem 1 utilizador de "{ $group }"?
   *[other] Escrever uma lista de trabalho para outras pessoas removerem { $count } utilizadores de "{ $group }"?
}
dialog-list-remove-how = O skuferry não escreve nada neste grupo. A lista de trabalho é válida por 15 minutos, depois tem de ser escrita de novo.
dialog-lift-copies = { $count ->
    [one] as listas de trabalho foram retiradas; outras pessoas ainda podem usar cópias, para 1 utilizador
   *[other] as listas de trabalho foram retiradas; outras pessoas ainda podem usar cópias, para { $count } utilizadores
}
wait-others = { $count ->
    [one] 1 utilizador espera por outras pessoas (vista do plano)
   *[other] { $count } utilizadores esperam por outras pessoas (vista do plano)
}
